"""The supervised local Airflow as a whole, with stages that make small results or hang.

One title goes through while, one after the other, the scheduler, a task's process, a stage's
process and the API are killed with signal 9.
"""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airdub.drafts import Draft, RunSummary
from airdub.stages import STAGES
from tests.integration.installation import Installation, eventually, kill, stat_fields

HANGS = ("translate", "synthesize", "convert_voice", "mix")


class OneFilm(Installation):
    """An installation with a video; four of its stages hang once."""

    def __init__(self, folder: Path) -> None:
        hangs = {f"FAKE_{stage.upper()}": "hang apart;ok" for stage in HANGS}
        super().__init__(folder, AIRDUB_DISPATCH_S="86400", **hangs)  # there is no queue
        self.video = folder / "it's a film 🎬.mp4"
        self.video.write_bytes(b"moving pictures")

    def dub(self) -> subprocess.Popen[str]:
        """Order the video from English to Spanish."""
        return self.airdub("dub", str(self.video), "--from", "en", "--to", "es")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneFilm]:
    made = OneFilm(tmp_path_factory.mktemp("installation"))
    assert made.airdub("up").wait(300) == 0
    yield made
    made.airdub("down").wait(120)


def parent_of(pid: int) -> int:
    return int(stat_fields(Path(f"/proc/{pid}"))[1])


def test_up_is_local_private_and_idempotent(installation: OneFilm) -> None:
    running = installation.airflow.running()
    again = installation.airdub("up")
    output, _ = again.communicate(timeout=60)
    assert again.returncode == 0
    assert installation.airflow.running() == running
    assert str(installation.airflow.home.password_file) in output
    assert installation.airflow.home.password not in output
    database = installation.airflow.home.path / "airflow.db"
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700
    states = installation.airflow.component_states()
    assert set(states.values()) == {"RUNNING"}
    assert set(states) == {"api-server", "scheduler", "triggerer", "dag-processor"}


def test_a_dub_survives_kill_9_of_everything(installation: OneFilm) -> None:
    victims: dict[str, Callable[[int], int]] = {
        "translate": lambda stage: installation.pid_of("airflow scheduler"),
        "synthesize": parent_of,
        "convert_voice": lambda stage: stage,
        "mix": lambda stage: installation.pid_of("airflow api_server"),
    }
    with installation.dub() as dub:
        for stage, victim in victims.items():
            child = installation.fakes / f"{stage}.child"
            assert eventually(child.exists), f"{stage} was not reached"
            running = installation.pid_of("model_images.runner", stage)
            kill(victim(running))
            if stage == "mix":  # a stage outlives the API that it doesn't need
                time.sleep(3)
                assert running in installation.processes()
                kill(running)
            grandchild = int(child.read_text())
            gone = {running, grandchild}
            assert eventually(lambda gone=gone: not gone & set(installation.processes()), 15)  # type: ignore[misc]
        output, _ = dub.communicate(timeout=240)
    assert dub.returncode == 0, output
    assert f"0 cached, {len(STAGES) + 1} computed" in output
    assert "APPROVED" in output
    assert installation.starts() == {stage: 2 if stage in HANGS else 1 for stage in STAGES}
    [manifest] = [key for key in installation.store.list("drafts") if key.endswith("manifest.json")]
    draft = Draft.model_validate_json(installation.store.read(manifest))
    assert all(installation.store.holds(ref) for ref in draft.files.values())


def test_a_second_run_starts_no_stage(installation: OneFilm) -> None:
    before = installation.starts()
    with installation.dub() as dub:
        output, _ = dub.communicate(timeout=240)
    assert dub.returncode == 0, output
    assert f"{len(STAGES) + 1} cached, 0 computed" in output
    assert installation.starts() == before
    summaries = [key for key in installation.store.list("runs") if key.endswith("summary.json")]
    assert len(summaries) == 2
    cached = [
        set(RunSummary.model_validate_json(installation.store.read(key)).cached.values())
        for key in summaries
    ]
    assert {True} in cached


def test_five_languages_at_once_share_what_does_not_depend_on_them(
    installation: OneFilm,
) -> None:
    film = installation.folder / "five.mp4"
    film.write_bytes(b"other moving pictures")
    for language in ("fr", "it"):  # no embedded engine translates into these
        film.with_suffix(f".{language}.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nBien.\n")
    before = installation.starts()
    targets = [word for language in ("es", "ca", "gl", "fr", "it") for word in ("--to", language)]
    with installation.airdub("dub", str(film), "--from", "en", *targets) as dub:
        output, _ = dub.communicate(timeout=400)
    assert dub.returncode == 0, output
    started = {stage: count - before[stage] for stage, count in installation.starts().items()}
    shared = ("probe", "extract_audio", "track_faces", "separate", "transcribe")
    assert started == {stage: 1 if stage in shared else 5 for stage in STAGES}


def judged(installation: OneFilm, name: str, measured: str) -> tuple[int, str]:
    """Dub a title of its own whose attempts are measured so; exit code and output."""
    film = installation.folder / f"{name}.mp4"
    film.write_bytes(name.encode())
    film.with_suffix(".srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nBuenos días.\n")
    (installation.fakes / f"{name}.metrics").write_text(measured)
    order = ("--title-id", name, "--from", "es", "--to", "en")
    with installation.airdub("dub", str(film), *order) as dub:
        output, _ = dub.communicate(timeout=400)
    return dub.returncode, output


def test_a_garbled_line_is_repaired_and_the_rest_is_found_again(installation: OneFilm) -> None:
    before = installation.starts()
    garbled = '{"word_error_rate": {"title": 0.9, "s0001": 0.0, "s0002": 1.0}}'
    code, output = judged(installation, "garbled", f"{garbled};{{}}")
    assert code == 0, output
    assert "garbled > en  attempt 1: RETRY" in output
    assert "garbled > en  goes on as garbled > en (attempt 2)" in output
    assert "garbled > en: APPROVED (attempt 2)" in output
    started = {stage: count - before[stage] for stage, count in installation.starts().items()}
    again = ("synthesize", "convert_voice", "mix", "mux", "evaluate")  # times and lips stay
    assert started == {stage: 2 if stage in again else 1 for stage in STAGES}


def test_what_no_gate_can_decide_waits_for_a_person_and_the_command_ends(
    installation: OneFilm,
) -> None:
    code, output = judged(installation, "quiet", '{"loudness": {"title": -31.0}}')
    assert code == 0, output
    assert "quiet > en: REVIEW (attempt 1)" in output
    assert "quiet > en    because loudness of title is -31 LUFS, wanted -23.5..-22.5" in output
    assert re.search(r"quiet > en  waits for a person: http://127\.0\.0\.1:\d+/", output)


def test_what_cannot_be_shown_is_rejected(installation: OneFilm) -> None:
    code, output = judged(installation, "broken", '{"psnr": {"title": 9.0}}')
    assert (code, "broken > en: REJECTED (attempt 1)" in output) == (1, True), output


def test_a_failed_task_can_be_cleared(installation: OneFilm) -> None:
    running = installation.running()
    assert running
    api = installation.airflow.api(running)
    order = {"source": "/nowhere/film.mp4", "source_language": "en", "target_language": "es"}
    api.trigger("dub_video", "lost", order)
    assert eventually(lambda: api.run_state("dub_video", "lost") == "failed")
    database = installation.airflow.home.path / "airflow.db"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        late = connection.execute(
            "SELECT round((julianday(deadline_time) - julianday(queued_at)) * 24) FROM deadline "
            "JOIN dag_run ON dag_run.id = dagrun_id WHERE run_id = 'lost'"
        ).fetchall()
    assert late == [(24,)]
    clear = {"dag_run_id": "lost", "task_ids": ["prepare.ingest"], "dry_run": False}
    answer = api._request("POST", "/api/v2/dags/dub_video/clearTaskInstances", json=clear)
    assert answer.is_success, answer.text
    tries = [("prepare.ingest", 2)]

    def again() -> bool:
        found = api.task_instances("dub_video", "lost")
        return [(t["task_id"], t["try_number"]) for t in found if t["state"] == "failed"] == tries

    assert eventually(again)


def test_down_leaves_no_process(installation: OneFilm) -> None:
    assert installation.processes()
    down = installation.airdub("down")
    output, _ = down.communicate(timeout=120)
    assert (down.returncode, installation.processes()) == (0, {}), output
    assert installation.airflow.running() is None
