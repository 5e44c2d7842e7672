"""What happens to buckets alone."""

from __future__ import annotations

import httpx
import pytest

from airdub.catalog import Catalog
from airdub.errors import DependencyUnavailable
from airdub.library.files import open_files
from tests.s3 import S3Server
from tests.unit.airdub.library.scans import counts, known, scanned
from tests.unit.airdub.library.shelves import BucketShelf, video


def test_a_listing_in_pages_is_whole(
    catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
) -> None:
    for number in range(3):
        bucket.put(f"film {number}.mp4", video(str(number)))
        bucket.put(f"film {number}.srt", b"said")
    s3_server.page = 1
    assert counts(scanned(catalog, bucket)) == {"added": 3}
    assert {one.beside for one in catalog.titles()} == {".srt"}


def test_a_folder_that_comes_beside_a_video_makes_no_new_version(
    catalog: Catalog, bucket: BucketShelf
) -> None:
    bucket.put("film.mp4", video())
    bucket.put("film.en.srt", b"said")
    assert counts(scanned(catalog, bucket)) == {"added": 1}
    bucket.put("film.extras/clip.mp4", video("clip"))
    assert counts(scanned(catalog, bucket)) == {"same": 1, "added": 1}
    assert known(catalog, "film").beside == ".en.srt"


def test_a_listing_that_breaks_off_marks_nothing_as_missing(
    catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
) -> None:
    for name in "abcd":
        bucket.put(f"{name}.mp4", video(name))
    scanned(catalog, bucket)
    bucket.remove("d.mp4")
    s3_server.page, s3_server.broken_page = 2, 1
    with pytest.raises(DependencyUnavailable, match="its listing breaks off"):
        scanned(catalog, bucket)
    assert not [one for one in catalog.titles() if one.missing_since]
    s3_server.broken_page = 0
    assert counts(scanned(catalog, bucket)) == {"same": 3, "missing": 1}


def test_a_body_that_breaks_off_is_taken_up_where_it_was(
    catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
) -> None:
    bucket.put("film.mp4", video())
    scanned(catalog, bucket)
    before = known(catalog, "film")
    bucket.put("film.mp4", video("other"))
    scanned(catalog, bucket)
    bucket.put("film.mp4", video())
    s3_server.cut_bodies = 3
    scanned(catalog, bucket)
    assert known(catalog, "film").version == before.version


def test_a_storage_that_gives_nothing_any_more_ends_the_scan(
    catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
) -> None:
    for number in range(12):
        bucket.put(f"{number}.mp4", video(str(number)))
    s3_server.refuses_reading = True
    with pytest.raises(DependencyUnavailable, match="refuses get_object"):
        scanned(catalog, bucket)
    s3_server.refuses_reading = False
    assert counts(scanned(catalog, bucket)) == {"added": 12}
    assert catalog.bad_files() == []


def test_probing_reads_no_more_than_it_needs(
    catalog: Catalog, bucket: BucketShelf, s3_server: S3Server
) -> None:
    """And nobody else can read through the address that ffprobe is given."""
    location = bucket.put("film.mp4", video("x" * 200_000))
    files = open_files(bucket.root)
    entry = files.entry(location)
    assert entry is not None
    with files.probed(entry) as address:
        assert address.startswith("http://127.0.0.1:")
        answer = httpx.get(address, headers={"Range": "bytes=4-7"})
        assert (answer.status_code, answer.content) == (206, b"ftyp")
        assert httpx.get(f"{address}x").status_code == 404
        assert httpx.get(address, headers={"Range": f"bytes={1 << 40}-"}).status_code == 416
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
