"""Signed releases: read back by the C2PA library, as a viewer would."""

from __future__ import annotations

import hashlib
import json
import logging
import resource
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from airdub.artifacts import file_digest
from airdub.disclosure import DIGITAL_SOURCE_TYPE, Part, xmp_packet
from airdub.errors import AirdubError, Conflict, EngineFailed, InvalidInput
from airdub.releases import open_objects, publish_run, publishing, verify_release
from airdub.releases.signing import LABEL, C2paSigning
from airdub.settings import Settings
from tests.unit.airdub.releases.dubs import LANGUAGE, PLACE, TITLE_ID, Library, settings_at
from tests.unit.airdub.releases.objects import FORK, Deadly, digests, in_process
from tests.unit.airdub.releases.signers import Signer, make_signer

VIDEO = f"{TITLE_ID}.{LANGUAGE}.mp4"
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deliverable as mux leaves it: index in front, comment, XMP at the end."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    picture, sound = ("testsrc=d=1:s=64x48", "sine=d=1")
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    command += ["-metadata", "comment=it is synthetic", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True)
    packet = xmp_packet([Part.SPEECH], LANGUAGE)
    with path.open("ab") as stream:
        stream.write(struct.pack(">I4s", 24 + len(packet), b"uuid") + XMP + packet)
    return path


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return make_signer(tmp_path / "keys")


@pytest.fixture
def signing(tmp_path: Path, url: str, signer: Signer, film: Path) -> Library:
    """An installation that signs, with one judged run."""
    library = Library(settings_at(tmp_path, url, **signer.environ))
    library.judged(deliverable=film)
    return library


def fetched(settings: Settings, folder: Path, key: str) -> Path:
    file = folder / "fetched.mp4"
    file.write_bytes(b"".join(open_objects(settings.releases_url).stream(key)))
    return file


def read_back(file: Path, root: str) -> tuple[str, dict[str, Any]]:
    """What a viewer who trusts the root sees: the state, and the manifest."""
    import c2pa

    trust = {"verify": {"verify_trust": True}, "trust": {"trust_anchors": root}}
    settings = c2pa.Settings.from_dict(trust)
    with c2pa.Context(settings) as context, c2pa.Reader(str(file), context=context) as reader:
        said = json.loads(reader.json())
        return reader.get_validation_state(), said["manifests"][said["active_manifest"]]


def boxes(mp4: bytes | bytearray) -> dict[bytes, tuple[int, int]]:
    """Where the boxes at the top begin and end."""
    found, at = {}, 0
    while at < len(mp4):
        size, kind = struct.unpack_from(">I4s", mp4, at)
        found[kind] = (at, at + size)
        at += size
    return found


def data(manifest: dict[str, Any], label: str) -> Any:
    (found,) = (one["data"] for one in manifest["assertions"] if one["label"] == label)
    return found


def test_viewers_can_verify_who_signed_and_what_is_synthetic(
    signing: Library, signer: Signer, film: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    release = publish_run(signing.settings, "run")
    file = fetched(signing.settings, tmp_path, f"{release.folder}/{VIDEO}")
    state, manifest = read_back(file, signer.root)
    assert state == "Trusted"
    assert manifest["signature_info"]["common_name"] == "Signer"
    actions = data(manifest, "c2pa.actions.v2")["actions"]
    assert [action["action"] for action in actions] == [
        "c2pa.created",
        "c2pa.edited",
        "c2pa.edited",
    ]
    assert {action["digitalSourceType"] for action in actions} == {DIGITAL_SOURCE_TYPE}
    assert actions[1]["description"] == "synthetic speech (es-419) by espeak_ng, world"
    assert actions[2]["description"] == "synthetic lips (es-419) by hybrid"
    judged = hashlib.sha256(film.read_bytes()).hexdigest()
    assert data(manifest, "org.airdub.release") == {
        "title": TITLE_ID, "language": LANGUAGE, "run": "run", "sha256": judged,
    }  # fmt: skip
    objects = open_objects(signing.settings.releases_url)
    stored = objects.read(f"{release.folder}/release.json")
    assert stored
    said = json.loads(stored.data)["signature"]
    assert (said["signed"], said["unsigned_sha256"]) == (True, judged)
    assert len(said["certificate_sha256"]) == 64
    assert verify_release(objects, PLACE, release.release_id).is_whole
    secret = signer.secret.splitlines()[1]
    assert secret not in stored.data.decode() + caplog.text
    assert signer.environ["AIRDUB_C2PA_KEY"] not in stored.data.decode() + caplog.text


def test_signing_keeps_sound_picture_and_what_the_container_says(
    signing: Library, film: Path, tmp_path: Path
) -> None:
    release = publish_run(signing.settings, "run")
    file = fetched(signing.settings, tmp_path, f"{release.folder}/{VIDEO}")
    assert _packets(file) == _packets(film)
    command = ["ffprobe", "-v", "error", "-export_xmp", "1", "-of", "json", "-show_format", file]
    tags = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert tags["format"]["tags"]["comment"] == "it is synthetic"
    assert DIGITAL_SOURCE_TYPE in tags["format"]["tags"]["xmp"]


def _packets(file: Path) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", file, "-map", "0", "-c", "copy", "-f", "md5", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_a_byte_that_was_changed_is_seen(signing: Library, signer: Signer, tmp_path: Path) -> None:
    release = publish_run(signing.settings, "run")
    file = fetched(signing.settings, tmp_path, f"{release.folder}/{VIDEO}")
    changed = bytearray(file.read_bytes())
    changed[boxes(changed)[b"mdat"][0] + 100] ^= 1
    file.write_bytes(changed)
    assert read_back(file, signer.root)[0] == "Invalid"


def _peak_of_signing(signer: Signer, film: Path, told: object) -> None:
    import c2pa

    assert c2pa.sdk_version()
    sha256, _ = file_digest(film)
    manifest = {
        "claim_generator_info": [{"name": "test", "version": "1"}],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [
                {"action": "c2pa.created", "digitalSourceType": DIGITAL_SOURCE_TYPE}
            ]}},
            {"label": LABEL, "data": {"sha256": sha256}},
        ],
    }  # fmt: skip
    files = (Path(signer.environ[f"AIRDUB_C2PA_{name}"]) for name in ("CERT", "KEY"))
    signing = C2paSigning(*files, manifest, ".mp4")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signing.sign(film, film.with_suffix(".signed.mp4"))
    told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)  # type: ignore[attr-defined]


def test_memory_does_not_grow_with_the_film(tmp_path: Path, film: Path, signer: Signer) -> None:
    long, told = tmp_path / "long.mp4", FORK.SimpleQueue()
    begin, end = boxes(film.read_bytes())[b"mdat"]
    data, more = film.read_bytes(), 96 << 20
    with long.open("wb") as stream:
        stream.write(data[:begin] + struct.pack(">I", end - begin + more) + data[begin + 4 : end])
        for _ in range(more >> 20):
            stream.write(b"moving pictures!" * (1 << 16))
        stream.write(data[end:])
    assert in_process(_peak_of_signing, signer, long, told) == 0
    assert told.get() < 48 << 10  # KiB


@pytest.mark.parametrize("kind", ["p384", "p521", "ed25519", "rsa"])
def test_other_kinds_of_keys_sign_too(tmp_path: Path, film: Path, kind: str) -> None:
    signer = make_signer(tmp_path / "keys", kind)
    library = Library(settings_at(tmp_path, str(tmp_path / "releases"), **signer.environ))
    library.judged(deliverable=film)
    release = publish_run(library.settings, "run")
    file = fetched(library.settings, tmp_path, f"{release.folder}/{VIDEO}")
    assert read_back(file, signer.root)[0] == "Trusted"


def _publish_and_die(settings: Settings, moment: int) -> None:
    publishing.open_objects = lambda url: Deadly(open_objects(url), moment)
    publish_run(settings, "run")


def test_a_retry_keeps_the_signature_that_a_killed_publisher_made(signing: Library) -> None:
    assert in_process(_publish_and_die, signing.settings, 2) == -9
    objects = open_objects(signing.settings.releases_url)
    (key,) = (key for key, _ in objects.sizes("releases"))
    before = digests(objects, "releases")[key]
    assert in_process(_publish_and_die, signing.settings, 9) == -9
    release = publish_run(signing.settings, "run")
    assert digests(objects, "releases")[key] == before
    assert verify_release(objects, PLACE, release.release_id, recorded=release.sha256).is_whole


def _plant(signing: Library, planted: bytes) -> None:
    in_process(_publish_and_die, signing.settings, 2)
    objects = open_objects(signing.settings.releases_url)
    (key,) = (key for key, _ in objects.sizes("releases"))
    assert objects.put(key, planted, objects.read(key))


def test_a_file_planted_where_the_signed_one_belongs_is_not_published(
    signing: Library, film: Path
) -> None:
    for planted in (b"no video", film.read_bytes()):
        _plant(signing, planted)
        with pytest.raises(Conflict, match="another file lies where the signed one belongs"):
            publish_run(signing.settings, "run")


def test_another_dub_signed_by_the_same_signer_is_not_taken_for_this_one(
    tmp_path: Path, signer: Signer, film: Path
) -> None:
    url = str(tmp_path / "releases")
    library = Library(settings_at(tmp_path, url, **signer.environ))
    other = tmp_path / "other.mp4"
    other.write_bytes(film.read_bytes() + struct.pack(">I4s", 12, b"free") + b"else")
    library.judged("other", deliverable=other)
    library.judged("run", deliverable=film)
    theirs = publish_run(library.settings, "other")
    signed = b"".join(open_objects(url).stream(f"{theirs.folder}/{VIDEO}"))
    in_process(_publish_and_die, library.settings, 2)
    objects = open_objects(url)
    (ours,) = {k for k, _ in objects.sizes("releases") if k.endswith(VIDEO)} - {
        f"{theirs.folder}/{VIDEO}"
    }
    assert objects.put(ours, signed, objects.read(ours))
    with pytest.raises(Conflict, match="made from another file"):
        publish_run(library.settings, "run")


def test_matroska_is_published_unsigned_and_says_why(tmp_path: Path, signer: Signer) -> None:
    library = Library(settings_at(tmp_path, str(tmp_path / "releases"), **signer.environ))
    library.judged(suffix=".mkv")
    release = publish_run(library.settings, "run")
    stored = open_objects(library.settings.releases_url).read(f"{release.folder}/release.json")
    assert stored
    signature = json.loads(stored.data)["signature"]
    assert signature["signed"] is False
    assert signature["why_not"].startswith("a C2PA manifest can't be put into .mkv files")


def _refusal(tmp_path: Path, film: Path, environ: dict[str, str]) -> AirdubError:
    library = Library(settings_at(tmp_path, str(tmp_path / "releases"), **environ))
    library.judged(deliverable=film)
    with pytest.raises(AirdubError) as told:
        publish_run(library.settings, "run")
    assert [*open_objects(library.settings.releases_url).sizes("releases")] == []
    return told.value


@pytest.mark.parametrize("broken", ["expired", "other", "k1"])
def test_a_signer_that_can_not_sign_is_said_and_nothing_is_published(
    tmp_path: Path, film: Path, broken: str
) -> None:
    kind = "k1" if broken == "k1" else "p256"
    days = -5 if broken == "expired" else 30
    signer = make_signer(tmp_path / "keys", kind, days=days, other=broken == "other")
    error = _refusal(tmp_path, film, signer.environ)
    assert isinstance(error, InvalidInput if broken == "k1" else EngineFailed)
    assert signer.secret.splitlines()[1] not in str(error)


@pytest.mark.parametrize("setting", ["AIRDUB_C2PA_CERT", "AIRDUB_C2PA_KEY"])
@pytest.mark.parametrize("content", [None, b"no PEM", b"-----BEGIN X-----\n"])
def test_files_that_are_no_certificate_or_key_are_said_without_their_words(
    tmp_path: Path, film: Path, signer: Signer, setting: str, content: bytes | None
) -> None:
    wrong = tmp_path / "wrong.pem"
    if content:
        wrong.write_bytes(content)
    error = _refusal(tmp_path, film, signer.environ | {setting: str(wrong)})
    assert isinstance(error, InvalidInput)
    assert error.where == setting
    assert "no PEM" not in str(error)
