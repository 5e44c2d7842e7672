"""Chunks don't depend on how they are grouped, and together they are what one pass would give."""

import hashlib
import pickle
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from airdub.consents import consent_folder
from airdub.errors import EngineFailed
from airdub.requests import EngineRef
from model_images.common.frames import frame_table
from model_images.common.pictures import read_pictures
from model_images.lipsync import encode, scenes
from model_images.lipsync.chunks import LipChunks, jobs_of
from model_images.lipsync.encode import ColourTags
from model_images.lipsync.engines import hybrid
from model_images.lipsync.planning import by_frame, digest, plan_edits
from model_images.runner.chunks import Site
from tests.builders import local_store, stored
from tests.media.pictures import psnr_db
from tests.unit.model_images.lipsync.drawn import Title, line

LONG_SHOT = ((0, 180),)
CUTS = tuple(pairwise(range(0, 176, 25)))


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch):
    monkeypatch.setattr(scenes, "LONGEST", 20)


@pytest.fixture(scope="module")
def title(tmp_path_factory):
    return Title(tmp_path_factory.mktemp("long"), LONG_SHOT)


@pytest.fixture
def rendered(monkeypatch):
    """Planes of all frames that reach an encoder, by number."""
    found = {}
    write = encode.ChunkWriter.write

    def spy(self, picture, planes):
        found[picture.index] = tuple(plane.copy() for plane in planes)
        write(self, picture, planes)

    monkeypatch.setattr(encode.ChunkWriter, "write", spy)
    return found


def work_on(title, dub):
    """The title's maker, its jobs and a site that makes them here."""
    film, facts = title.film(), title.facts.video
    source = stored(local_store(title.folder), "source", title.clip)
    first = next(read_pictures(title.clip, facts))
    maker = LipChunks(source, facts, frame_table(title.clip, facts), ColourTags.of(first))
    plan = plan_edits(hybrid.load(), film, title.roles(dub))
    jobs = jobs_of(film.chunks, plan, source, facts, {"face_1": ("consent-1",)})
    engine = EngineRef(name="hybrid", version="1")
    scratch = title.folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return maker, jobs, Site(local_store(title.folder).url, "lipsync", engine, 1, scratch)


def made(maker, site, partitions, folder):
    """Digests of the chunks that are made in these groups, by number."""
    found = {}
    for partition in partitions:
        with maker.open(site) as make:
            for job in partition:
                path = folder / f"{job.number}.mp4"
                make(job, path)
                found[job.number] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.mark.parametrize("count", [2, 7, 64])
def test_however_they_are_grouped_their_bytes_are_the_same(title, tmp_path, count):
    maker, jobs, site = work_on(title, title.dub(line(1, (30, 110))))
    partitions = [list(part) for part in np.array_split(np.array(jobs, object), count) if len(part)]
    together = made(maker, site, [jobs], tmp_path)
    assert len(together) == len(jobs) == 9
    assert made(maker, replace(site, threads=2), partitions[::-1], tmp_path) == together


def test_frames_reach_the_encoder_as_one_plain_pass_would_render_them(title, rendered, tmp_path):
    maker, jobs, site = work_on(title, title.dub())
    made(maker, site, [jobs], tmp_path)
    facts = title.facts.video
    edits = by_frame(edit for job in jobs for edit in job.payload)
    assert len(edits) > 150
    plain = hybrid.load().render(
        read_pictures(title.clip, facts), read_pictures(title.clip, facts), edits, tmp_path
    )
    for picture, planes in plain:
        assert all(map(np.array_equal, rendered[picture.index], planes)), picture.index
    assert sorted(rendered) == list(range(title.frames))


@pytest.mark.parametrize("variable", [False, True])
@pytest.mark.parametrize("shots", [LONG_SHOT, CUTS, ((0, 1), (1, 2), (2, 33), (33, 34), (34, 60))])
def test_every_frame_comes_at_its_time(shots, variable, tmp_path):
    title = Title(tmp_path, shots, variable=variable)
    lips, video, _ = title.synced(title.dub())
    facts = title.facts.video.model_copy(update={"index": 0})
    pictures = list(read_pictures(video, facts))
    assert [picture.pts for picture in pictures] == title.pts.tolist()
    assert lips.changed
    changed = {n for first, end in lips.changed for n in range(first, end)}
    for old, new in zip(read_pictures(title.clip, title.facts.video), pictures, strict=True):
        if old.index not in changed:
            assert psnr_db(old.rgb, new.rgb) > 38


def test_joins_show_no_step(rendered, tmp_path):
    """Neither in the encoder's quality nor in how wide the mouth opens."""
    title = Title(tmp_path, LONG_SHOT)
    _, jobs, _ = work_on(title, title.dub())
    _, video, _ = title.synced(title.dub())
    quality = np.array([psnr_db(rendered[new.index][0], new.planes[0])
                        for new in read_pictures(video, title.facts.video)])  # fmt: skip
    joins = [job.span[0] for job in jobs[1:]]
    for join in joins:
        assert quality[join - 1 : join + 1].min() > np.median(quality[join - 5 : join + 5]) - 1.5
    opening = {edit.frame: edit.opening for job in jobs for edit in job.payload}
    steps = np.abs(np.diff([opening[frame] for frame in range(10, 170)]))
    at_joins = [steps[join - 11] for join in joins if 10 < join < 170]
    assert max(at_joins) <= np.percentile(steps, 98)
    assert np.mean(at_joins) <= 1.5 * steps.mean()


def test_donors_lie_in_the_frames_own_chunk(title):
    _, jobs, _ = work_on(title, title.dub())
    borrowed = 0
    for job in jobs:
        for edit in job.payload:
            assert job.span[0] <= edit.donor < job.span[1]
            borrowed += edit.donor != edit.frame
    assert borrowed > 100


def test_a_changed_line_is_rendered_anew_and_nothing_else(title):
    first, last = line(1, (10, 40)), line(2, (130, 165))
    _, _, before = title.synced(title.dub(first, last))
    other = line(2, (130, 165), "uuobmafi")
    _, _, after = title.synced(title.dub(first, other))
    again = title.synced(title.dub(first, last))[2]
    assert before.measurements["rendered_chunks"] <= 9
    assert 1 <= after.measurements["rendered_chunks"] <= 3  # frames 120 to 180
    assert again.measurements["rendered_chunks"] == 0


def test_equal_plans_have_equal_names(title):
    jobs, same = (work_on(title, title.dub())[1] for _ in range(2))
    assert [job.key for job in jobs] == [job.key for job in same]
    edit = jobs[3].payload[0]
    moved = replace(edit, donor_points=edit.donor_points + np.float32(0.125))
    names = {
        digest([each]) for each in (edit, moved, replace(edit, weight=0.5), jobs[3].payload[1])
    }
    assert len(names) == 4


def test_what_shows_an_altered_face_lies_under_its_consent_and_nothing_else_does(title):
    dub = title.dub(line(1, (70, 100)))
    _, jobs, _ = work_on(title, dub)
    context = title.synced(dub)[2]
    assert {job.consents for job in jobs} == {(), ("consent-1",)}
    altered = [job for job in jobs if job.payload]
    assert 2 <= len(altered) <= 4
    assert all(job.consents for job in altered)
    folder = local_store(title.folder).local_path(consent_folder("lipsync", "consent-1"))
    assert len(list(folder.rglob("item.json"))) >= len(altered)
    assert context.warnings == []


def test_what_is_not_edited_needs_no_engine(title, tmp_path):
    maker, jobs, site = work_on(title, title.dub(line(1, (70, 100))))
    nobody = replace(site, engine_ref=EngineRef(name="nobody", version="1"))
    untouched = [job for job in jobs if not job.payload]
    assert len(made(maker, nobody, [untouched], tmp_path)) >= 5
    with pytest.raises(ModuleNotFoundError):
        made(maker, nobody, [jobs], tmp_path)


def test_a_face_that_leaves_and_comes_back_is_changed_where_it_is_seen(tmp_path):
    title = Title(tmp_path, ((0, 120),), seen=((0, 45), (71, 120)))
    lips, video, _ = title.synced(title.dub())
    (one, other) = lips.changed
    assert 0 <= one[0] < one[1] <= 45
    assert 71 <= other[0] < other[1] <= 120
    facts = title.facts.video
    pairs = zip(read_pictures(title.clip, facts), read_pictures(video, facts), strict=True)
    for old, new in islice(pairs, 45, 71):
        assert psnr_db(old.rgb, new.rgb) > 38


def test_without_a_face_no_chunk_is_made(tmp_path):
    title = Title(tmp_path, ((0, 40),), seen=())
    lips, video, context = title.synced(title.dub())
    assert video is None
    assert lips.reason == "no face was found"
    assert "rendered_chunks" not in context.measurements


def test_memory_for_donors_goes_with_its_chunk(title, tmp_path):
    maker, jobs, site = work_on(title, title.dub())
    with maker.open(site) as make:
        for job in jobs[:3]:
            make(job, tmp_path / "chunk.mp4")
            assert not list(Path(site.scratch).rglob("donors.yuv"))
    assert not [p for p in Path(site.scratch).iterdir() if p.name != "inputs"]


def test_a_frame_that_lends_travels_once(title):
    """An edit holds its own points and its donor's, mostly those of another edit."""
    payload = max((job.payload for job in work_on(title, title.dub())[1]), key=len)
    points = sum(edit.points.nbytes + edit.donor_points.nbytes for edit in payload)
    assert sum(edit.donor != edit.frame for edit in payload) > 10
    assert len(pickle.dumps(payload)) < 0.75 * points


def test_a_chunk_that_lacks_a_picture_is_not_kept(title, tmp_path, monkeypatch):
    maker, jobs, site = work_on(title, title.dub())
    whole = hybrid.HybridLips.render
    monkeypatch.setattr(hybrid.HybridLips, "render", lambda *given: islice(whole(*given), 20 - 1))
    with pytest.raises(EngineFailed, match="19 pictures for 20"):
        made(maker, site, [jobs[3:4]], tmp_path)
