"""URLs of catalogues, and how they are shown: never with a password."""

from __future__ import annotations

from urllib.parse import unquote


def safe_url(url: str) -> str:
    """The URL without its password, and without its options, which may hold one."""
    scheme, _, rest = url.partition("://")
    if _is_misspelled(rest):
        return f"{scheme}://***"
    user, at, place = rest.partition("?")[0].rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{place}"


def without_passwords(text: str, url: str) -> str:
    """A driver's message without the URL's passwords, which some of them quote."""
    spelled = _passwords(url)
    for secret in sorted({*spelled, *map(unquote, spelled)} - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _passwords(url: str) -> list[str]:
    """Passwords in a URL as they are spelled there."""
    rest = url.partition("://")[2]
    address, _, options = rest.partition("?")
    if _is_misspelled(rest):
        return [address.partition(":")[2], rest.partition(":")[2].rpartition("@")[0]]
    pairs = (option.partition("=") for option in options.split("&"))
    return [
        address.rpartition("@")[0].partition(":")[2],
        *(text for name, _, text in pairs if "password" in name),
    ]


def _is_misspelled(rest: str) -> bool:
    """Whether a password may hold a `?`, which must be spelled %3F: what follows is no option."""
    address, _, options = rest.partition("?")
    return ":" in address and "@" not in address and "@" in options
