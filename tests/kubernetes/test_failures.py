"""The failure matrix, while the task waits without a slot: state, pods, and nothing left behind."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from airdub import profiles
from airdub.errors import AirdubError, EngineFailed, TemporaryFailure
from operators.pods.trigger import PodTrigger
from tests.kubernetes.driver import WorkerKilled, first_event
from tests.kubernetes.kubelet import Fate
from tests.kubernetes.server import TOKEN
from tests.kubernetes.site import SECRET, Site, eventually


def memory_of(site: Site) -> list[str]:
    """Memory that each pod was given."""
    return [pod.container["resources"]["limits"]["memory"] for pod in site.cluster.created]


def killed(trigger: Any) -> None:
    """The worker dies as soon as its task waits."""
    raise WorkerKilled


def test_a_stage_becomes_one_pod_and_then_none(site: Site) -> None:
    first = site.task().run()
    assert (first.state, first.tries, site.pods_created) == ("success", 1, 1)
    assert first.value["cached"] is False
    assert first.progress == ["50 % (1 of 2 frames), 2 s left"]
    assert site.orphans() == []
    second = site.task(run_id="run-2").run()
    assert (second.value, site.pods_created) == (first.value | {"cached": True}, 1)


@pytest.mark.parametrize(
    ("steps", "state", "pods", "kinds"),
    [
        ("exit 65", "failed", 1, ["InvalidInput"]),
        ("exit 69;exit 69;ok", "success", 3, ["DependencyUnavailable"] * 2),
        ("exit 70;ok", "success", 2, ["EngineFailed"]),
        ("exit 70", "failed", 2, ["EngineFailed"] * 2),
        ("exit 75;ok", "success", 2, ["TemporaryFailure"]),
        ("exit 77", "failed", 1, ["PolicyRefused"]),
        ("nothing;ok", "success", 2, ["IncompleteResult"]),
        ("torn;ok", "success", 2, ["IncompleteResult"]),
        ("ok 70", "success", 1, []),
    ],
)
def test_exit_codes_and_results(
    site: Site, steps: str, state: str, pods: int, kinds: list[str]
) -> None:
    site.steps("probe", steps)
    ending = site.task().run()
    assert (ending.state, site.pods_created, ending.kinds) == (state, pods, kinds)
    if steps.startswith("exit"):
        assert str(ending.errors[0]) == "here: bad. What to do: mend it"
    assert site.orphans() == []


def test_after_running_out_of_memory_the_next_pod_has_twice_as_much(site: Site) -> None:
    site.steps("probe", "hang;ok")
    site.cluster.fates["probe"] = [Fate.OOM]
    ending = site.task(first_try=7).run()  # six tries that Airflow counted don't make it grow
    assert (ending.state, ending.kinds) == ("success", ["ResourceExhausted"])
    assert memory_of(site) == ["2112Mi", "4224Mi"]
    assert site.orphans() == []


def test_memory_grows_within_bounds_and_then_the_task_fails(site: Site) -> None:
    site.steps("probe", "hang")
    site.cluster.fates["probe"] = [Fate.OOM] * 5
    ending = site.task().run()
    assert (ending.state, ending.kinds) == ("failed", ["ResourceExhausted"] * 3)
    assert memory_of(site) == ["2112Mi", "4224Mi", "8448Mi"]
    assert site.orphans() == []


def test_a_filled_volume_is_the_stages_own_fault(site: Site) -> None:
    site.steps("probe", "hang;ok")
    site.cluster.fates["probe"] = [Fate.FILLED]
    ending = site.task().run()
    assert (ending.state, ending.kinds) == ("success", ["ResourceExhausted"])
    sizes = [pod.manifest["spec"]["volumes"][0]["emptyDir"] for pod in site.cluster.created]
    assert sizes == [{"sizeLimit": "10240Mi"}, {"sizeLimit": "20480Mi"}]
    assert site.orphans() == []


def test_what_the_platform_does_uses_up_none_of_the_stages_retries(site: Site) -> None:
    site.steps("probe", "hang;exit 70;hang;hang;ok")
    site.cluster.fates["probe"] = [Fate.EVICTED, Fate.RUNS, Fate.PREEMPTED, Fate.NODE_LOST]
    ending = site.task().run()
    assert (ending.state, site.pods_created) == ("success", 5)
    kinds = ["Interrupted", "EngineFailed", "Interrupted", "Interrupted"]
    assert ending.kinds == kinds
    assert site.orphans() == []


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Fate.EVICTED, "Evicted"),
        (Fate.PREEMPTED, "Preemption|Deleted"),
        (Fate.NODE_LOST, "NodeLost"),
    ],
)
def test_what_the_platform_takes_away_starts_anew(site: Site, fate: Fate, words: str) -> None:
    site.steps("probe", "hang;hang;ok")
    site.cluster.fates["probe"] = [fate, fate]
    ending = site.task().run()
    assert (ending.state, site.pods_created) == ("success", 3)
    assert ending.kinds == ["Interrupted"] * 2
    assert any(word in str(ending.errors[0]) for word in words.split("|"))
    assert set(memory_of(site)) == {"2112Mi"}
    assert site.orphans() == []


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Fate.NO_IMAGE, "airdub/probe-stages:"),
        (Fate.NO_NODE, "Insufficient nvidia.com/gpu"),
    ],
)
def test_a_pod_that_never_starts_is_given_up(site: Site, fate: Fate, words: str) -> None:
    site.set(AIRDUB_POD_START_MINUTES="0.04")
    site.cluster.fates["probe"] = [fate]
    ending = site.task().run()
    assert (ending.state, site.pods_created) == ("success", 2)
    assert ending.kinds == ["Interrupted"]
    assert words in str(ending.errors[0])
    assert site.orphans() == []


def test_an_impossible_image_fails_at_once(site: Site) -> None:
    site.cluster.fates["probe"] = [Fate.BAD_IMAGE]
    ending = site.task().run()
    assert (ending.state, ending.kinds, site.pods_created) == ("failed", ["InvalidInput"], 1)
    assert "AIRDUB_POD_IMAGES" in str(ending.errors[0])
    assert site.orphans() == []


def test_a_killed_workers_pod_is_gone_on_with(site: Site) -> None:
    with pytest.raises(WorkerKilled):
        site.task(on_deferral=killed).run()
    ending = site.task(first_try=2).run()
    assert (ending.state, ending.tries, site.pods_created) == ("success", 1, 1)
    assert site.orphans() == []


def test_what_a_killed_workers_pod_failed_of_counts(site: Site) -> None:
    site.steps("probe", "exit 65")
    with pytest.raises(WorkerKilled):
        site.task(on_deferral=killed).run()
    [pod] = site.cluster.created
    assert eventually(lambda: pod.status["phase"] == "Failed")
    ending = site.task(first_try=2).run()
    assert (ending.state, ending.kinds, site.pods_created) == ("failed", ["InvalidInput"], 1)
    assert site.orphans() == []


def test_a_worker_killed_before_it_tidied_leaves_no_pod(site: Site) -> None:
    with pytest.raises(WorkerKilled):
        site.task(on_deferral=killed).run()
    [pod] = site.cluster.created
    assert eventually(lambda: pod.status["phase"] == "Succeeded")
    ending = site.task(first_try=2).run()
    assert (ending.state, ending.value["cached"], site.pods_created) == ("success", True, 1)
    assert site.orphans() == []


def test_a_stale_pod_of_an_earlier_try_is_not_gone_on_with(site: Site) -> None:
    site.steps("probe", "hang;ok")
    with pytest.raises(WorkerKilled):
        site.task(on_deferral=killed).run()
    assert eventually(lambda: site.cluster.created[0].lines)
    (site.folder / "film.mp4").write_bytes(b"the film in its final cut")
    site.ingest()
    ending = site.task(first_try=2).run()
    assert (ending.state, site.pods_created) == ("success", 2)
    assert site.orphans() == []


def test_a_failed_pod_is_kept_if_asked_and_not_gone_on_with(site: Site) -> None:
    site.set(AIRDUB_POD_KEEP_FAILED="1")
    site.steps("probe", "exit 70;ok")
    ending = site.task().run()
    assert (ending.state, site.pods_created) == ("success", 2)
    [kept] = site.cluster.pods.values()
    assert kept is site.cluster.created[0]
    assert kept.manifest["metadata"]["labels"]["airdub/kept"] == "true"


@pytest.mark.parametrize("fate", [Fate.NODE_LOST, Fate.PREEMPTED])
def test_a_pod_that_is_not_over_is_not_kept(site: Site, fate: Fate) -> None:
    site.set(AIRDUB_POD_KEEP_FAILED="1")
    site.steps("probe", "hang;ok")
    site.cluster.fates["probe"] = [fate]
    ending = site.task().run()
    assert (ending.state, ending.kinds, site.pods_created) == ("success", ["Interrupted"], 2)
    assert site.orphans() == []


def test_clearing_a_waiting_task_deletes_its_pod(site: Site) -> None:
    site.steps("probe", "hang")
    waiting: list[PodTrigger] = []

    def cleared(trigger: PodTrigger) -> None:
        waiting.append(trigger)
        raise WorkerKilled

    with pytest.raises(WorkerKilled):
        site.task(on_deferral=cleared).run()

    async def clear() -> None:
        watch = asyncio.create_task(first_event(waiting[0]))
        while not site.cluster.created[0].lines:
            await asyncio.sleep(0.05)
        watch.cancel("user-action")
        await waiting[0].on_kill()

    asyncio.run(clear())
    assert site.orphans() == []
    site.steps("probe", "ok")
    ending = site.task(first_try=2).run()
    assert (ending.state, site.pods_created) == ("success", 2)
    assert site.orphans() == []


def test_a_pod_that_takes_too_long_is_stopped(site: Site) -> None:
    site.steps("probe", "hang")
    ending = site.task(timeout_s=2).run()
    assert (ending.state, ending.kinds) == ("failed", ["EngineFailed"] * 2)
    assert site.pods_created == 2
    assert "took longer than it may" in str(ending.errors[0])
    assert site.orphans() == []


def test_a_profile_may_give_a_pod_less_time(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(profiles._FOLDER, tmp_path / "profiles"))
    monkeypatch.setattr(profiles, "_FOLDER", folder)
    hasty = "extends: embedded\nresources: {probe: {timeout_s: 2}}\n"
    (folder / "hasty.yaml").write_text(hasty)
    site.params["profile"] = "hasty"
    site.steps("probe", "hang")
    ending = site.task().run()
    assert (ending.state, ending.kinds) == ("failed", ["EngineFailed"] * 2)
    assert "took longer than it may" in str(ending.errors[0])
    assert site.orphans() == []


@pytest.mark.parametrize(
    ("error", "kind", "left"),
    [("Trigger timeout", EngineFailed, 0), ("Trigger failure", TemporaryFailure, 1)],
)
def test_a_trigger_that_fails_is_told_from_one_that_took_too_long(
    site: Site, error: str, kind: type[AirdubError], left: int
) -> None:
    site.steps("probe", "hang")
    with pytest.raises(WorkerKilled):
        site.task(on_deferral=killed).run()
    task = site.task()
    with pytest.raises(kind):
        task.operator().resume_execution("__fail__", {"error": error}, task.context(1))
    assert eventually(lambda: len(site.cluster.pods) == left)
    assert site.pods_created == 1


def test_a_pod_that_a_person_deletes_is_started_anew(site: Site) -> None:
    site.steps("probe", "hang;ok")

    def delete() -> None:
        assert eventually(lambda: site.cluster.created and site.cluster.created[0].lines)
        site.cluster.created[0].delete(None)

    person = threading.Thread(target=delete)
    person.start()
    ending = site.task().run()
    person.join()
    assert (ending.state, ending.kinds) == ("success", ["Interrupted"])
    assert site.pods_created == 2
    assert site.orphans() == []


def test_a_restarted_triggerer_goes_on(site: Site) -> None:
    waiting: list[PodTrigger] = []

    def restarted(trigger: PodTrigger) -> None:
        async def shut_down() -> None:
            watch = asyncio.create_task(first_event(trigger))
            await asyncio.sleep(0.5)
            watch.cancel()

        if not waiting:
            waiting.append(trigger)
            asyncio.run(shut_down())

    ending = site.task(on_deferral=restarted).run()
    assert (ending.state, ending.tries, site.pods_created) == ("success", 1, 1)
    assert site.orphans() == []


def test_a_second_run_waits_for_the_firsts_pod(site: Site) -> None:
    endings: list[Any] = []

    def second(trigger: Any) -> None:
        if not endings:
            endings.append(None)
            endings[0] = site.task(run_id="run-2").run()

    first = site.task(on_deferral=second).run()
    assert (first.state, endings[0].state, site.pods_created) == ("success", "success", 1)
    assert site.orphans() == []


def test_a_store_of_files_is_refused(site: Site) -> None:
    site.set(AIRDUB_STORE=f"file://{site.folder}/store")
    site.ingest()
    ending = site.task().run()
    assert (ending.state, ending.kinds, site.pods_created) == ("failed", ["InvalidInput"], 0)
    assert "pods can't reach a store of local files" in str(ending.errors[0])


def test_no_secret_is_seen_anywhere(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    site.steps("probe", "exit 70;ok")
    triggers: list[Any] = []
    ending = site.task(on_deferral=triggers.append).run()
    seen = [
        *(str(pod.json()) for pod in site.cluster.created),
        *(str(trigger.serialize()) for trigger in triggers),
        str(ending),
        str(site.xcoms),
        *capfd.readouterr(),
        *(site.store.read(key).decode("utf-8", "replace") for key in site.store.list("runs")),
        *(site.store.read(key).decode("utf-8", "replace") for key in site.store.list("work")),
    ]
    assert ending.state == "success"
    assert not [text for text in seen if SECRET in text or TOKEN in text]
    assert all(pod.container["envFrom"] for pod in site.cluster.created)
