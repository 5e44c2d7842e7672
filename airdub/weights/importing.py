"""A file that a person has got himself becomes one of the model cache."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from airdub.artifacts import file_digest
from airdub.engines import Weights
from airdub.errors import InvalidInput, PolicyRefused
from airdub.weights.cache import ModelCache
from airdub.weights.wanting import Wanted


def import_file(
    cache: ModelCache, wanted: Iterable[Wanted], file: Path, *, accept_new: bool = False
) -> Wanted:
    """Find out which file it is, and copy it to where engines look for it.

    It is known by its bytes. One that nobody has verified is known by its name, and its folder's:
    two of them may be the same (OPUS-MT's vocabularies of both directions).

    Args:
        accept_new: the person vouches for bytes that nobody has verified.

    Raises:
        InvalidInput: it is none that engines want, or may be several.
        PolicyRefused: nobody vouches for it.
    """
    try:
        digest, _ = file_digest(file)
    except OSError as error:
        raise InvalidInput(
            f"the file can't be read: {error.strerror}", where=str(file), remedy="correct its name"
        ) from error
    files = list(wanted)
    known = [one for one in files if cache.expected(one.weights) == digest]
    stated = [one for one in known if not one.weights.unverified]
    named = [one for one in files if one.weights.unverified and _is_called(one.weights, file)]
    others = [one for one in known if one not in named]
    if not (found := stated or _nearest([*named, *others], file)):
        raise _unknown(file, digest, files)
    if len(found) > 1:
        raise InvalidInput(
            f"the file may be {' or '.join(one.weights.path for one in found)}",
            where=str(file),
            remedy="say by --engine STAGE/NAME whose it is, or have it in a folder of that name",
        )
    if not (found[0] in known or accept_new):
        raise PolicyRefused(
            f"nobody has said yet whether sha256 {digest} is the right file",
            where=str(file),
            remedy="if you trust where you have it from, say --accept-new",
        )
    cache.take(found[0].weights, file, digest)
    return found[0]


def _nearest(found: list[Wanted], file: Path) -> list[Wanted]:
    """Those whose folders are called as the file's are, of several of one name."""

    def alike(one: Wanted) -> int:
        pairs = zip(
            reversed(file.absolute().parts), reversed(Path(one.weights.path).parts), strict=False
        )
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    most = max(map(alike, found), default=0)
    return [one for one in found if alike(one) == most]


def _is_called(weights: Weights, file: Path) -> bool:
    url = PurePosixPath(urlsplit(weights.url).path).name
    return file.name in (PurePosixPath(weights.path).name, url)


def _unknown(file: Path, digest: str, files: list[Wanted]) -> InvalidInput:
    return InvalidInput(
        f"no engine wants a file with sha256 {digest}",
        where=str(file),
        remedy="see `airdub weights list` for what is wanted: "
        + (", ".join(one.weights.path for one in files) or "nothing"),
    )
