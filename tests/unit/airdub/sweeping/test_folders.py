"""What of a folder may go, by its listing and its result alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from airdub.artifacts import ArtifactRef, StoredFacts
from airdub.requests import EngineRef, Provenance, StageResult
from airdub.stages import STAGES
from airdub.sweeping.folders import WorkFolder, roots, work_folders

KEY = "work/mix/ab/ab12"
SOUND, PLACES = f"{KEY}/one/outputs/mix.wav", f"{KEY}/one/outputs/placements.json"
PROOF = f"{KEY}/result.json"
OLD = datetime(2026, 1, 1, tzinfo=UTC)


def folder(*keys: str) -> WorkFolder:
    files = tuple(StoredFacts(key, 10, OLD) for key in sorted(keys))
    (made,) = work_folders(STAGES["mix"], files)
    return made


def result(**outputs: str) -> StageResult:
    return StageResult(
        stage="mix",
        fingerprint="ab12",
        outputs={
            name: ArtifactRef(key=key, sha256="0" * 64, bytes=10, media_type="x/y")
            for name, key in outputs.items()
        },
        provenance=Provenance(engine=EngineRef(name="fit", version="1")),
        wall_s=1.0,
    )


def gone(of: WorkFolder, made: StageResult | None) -> list[str]:
    return [file.key for file in of.removable(made)]


def test_sound_and_picture_go_documents_and_takes_stay() -> None:
    bulky = {
        f"{stage}.{port.name}"
        for stage, spec in STAGES.items()
        for port in spec.outputs
        if port.bulky
    }
    assert bulky == {
        "extract_audio.original", "extract_audio.mono_44k", "extract_audio.mono_16k",
        "separate.dialogue", "separate.background", "mix.mix", "mix.dialogue_stem",
        "lipsync.video", "mux.deliverable",
    }  # fmt: skip


def test_bulky_outputs_go_and_the_proof_stays() -> None:
    both = folder(PROOF, SOUND, PLACES, f"{KEY}/lease/000001.json", f"{KEY}/requests/one.json")
    assert gone(both, result(mix=SOUND, placements=PLACES)) == [SOUND]
    assert not both.is_lean


def test_what_was_swept_is_known_by_its_names() -> None:
    assert folder(PROOF, PLACES, f"{KEY}/lease/000001.json").is_lean
    assert not folder(PLACES).is_lean
    assert not folder(PROOF, PLACES, f"{KEY}/two/outputs/placements.json").is_lean
    assert not folder(PROOF, PLACES, f"{KEY}/one/scratch/part.wav").is_lean
    assert not folder(PROOF, PLACES, f"{KEY}/one/outputs/unheard-of.json").is_lean


def test_a_dead_attempt_beside_a_result_goes_whole() -> None:
    dead = f"{KEY}/two/outputs/placements.json"
    both = folder(PROOF, PLACES, dead, f"{KEY}/two/scratch/half.wav")
    files = both.removable(result(placements=PLACES))
    assert roots(both, files) == [f"{KEY}/two"]


def test_what_was_killed_before_its_result_goes_whole() -> None:
    half = folder(SOUND, f"{KEY}/requests/one.json", f"{KEY}/lease/000001.json")
    assert roots(half, half.removable(None)) == [KEY]


def test_a_result_of_another_version_is_left_alone() -> None:
    assert gone(folder(PROOF, SOUND), None) == []


def test_an_output_that_lies_elsewhere_is_not_ours_to_remove() -> None:
    there = "work/synthesize/items/ab/cd/take.wav"
    assert gone(folder(PROOF, PLACES), result(mix=there, placements=PLACES)) == []


def test_roots_of_nested_files() -> None:
    family = f"{KEY}/one/outputs/take/s1.wav"
    both = folder(PROOF, PLACES, family)
    assert roots(both, [file for file in both.files if file.key == family]) == [
        f"{KEY}/one/outputs/take"
    ]


names = st.sampled_from(["mix", "dialogue_stem", "placements", "subtitles_srt"])
keys = st.builds(
    "{}/{}/{}/{}".format,
    st.just(KEY),
    st.sampled_from(["one", "two", "lease", "requests"]),
    st.sampled_from(["outputs", "scratch"]),
    names.map("{}.x".format),
)


@given(st.sets(keys, min_size=1), st.data())
def test_nothing_that_must_stay_is_below_what_goes(files: set[str], data: st.DataObject) -> None:
    outputs = {
        name: data.draw(st.sampled_from(sorted(files)))
        for name in data.draw(st.sets(names, max_size=4))
    }
    made, whole = result(**outputs), folder(PROOF, *files)
    removed = whole.removable(made)
    deleted = {
        file.key
        for file in whole.files
        for root in roots(whole, removed)
        if file.key == root or file.key.startswith(f"{root}/")
    }
    assert deleted == {file.key for file in removed}
    kept = {ref.key for name, ref in made.outputs.items() if not STAGES["mix"].output(name).bulky}
    assert not deleted & (kept | {PROOF})
    assert all("/lease/" not in key and "/requests/" not in key for key in deleted)


def test_folders_are_parted_by_fingerprint() -> None:
    late = OLD + timedelta(days=3)
    files = [
        StoredFacts("work/mix/ab/ab1/result.json", 1, OLD),
        StoredFacts("work/mix/ab/ab2/lease/000001.json", 2, late),
        StoredFacts("work/mix/ab/ab2/result.json", 3, OLD),
    ]
    found = [*work_folders(STAGES["mix"], files)]
    assert [(one.fingerprint, one.written) for one in found] == [("ab1", OLD), ("ab2", late)]
