"""A judged run becomes a release: what stands in it, who may, and what follows."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from airdub.catalog import Release, open_catalog
from airdub.catalog.session import now
from airdub.consents import Use, new_consent
from airdub.disclosure import DIGITAL_SOURCE_TYPE
from airdub.erasure import revoke_consent
from airdub.errors import Conflict, InvalidInput, PolicyRefused
from airdub.lips import Lips
from airdub.queue.documents import RightsWindow
from airdub.releases import (
    current_release,
    list_releases,
    open_objects,
    publish_run,
    verify_release,
    withdraw_release,
)
from airdub.releases.documents import ReleaseManifest
from airdub.releases.promoting import make_current
from airdub.repair.plan import LineRepair, RepairPlan
from tests.postgres import postgres
from tests.unit.airdub.releases.dubs import LANGUAGE, PLACE, TITLE_ID, Library, reason, settings_at

__all__ = ["postgres"]


def published(library: Library, run_id: str = "run") -> tuple[Release, dict[str, Any]]:
    """The release, and its release.json."""
    release = publish_run(library.settings, run_id)
    stored = open_objects(library.settings.releases_url).read(f"{release.folder}/release.json")
    assert stored
    assert hashlib.sha256(stored.data).hexdigest() == release.sha256
    return release, json.loads(stored.data)


def publication(library: Library, run_id: str = "run") -> tuple[str, str]:
    with open_catalog(library.settings.catalog_url) as catalog:
        found = catalog.publication(run_id)
    assert found
    return found.state, found.note


def waive(library: Library, run_id: str, why: str = "it is a song") -> None:
    with open_catalog(library.settings.catalog_url) as catalog:
        catalog.decide_review(run_id, "publish_with_waiver", "ana", why)


def test_a_release_has_all_files_and_says_what_they_are(library: Library) -> None:
    library.judged()
    release, said = published(library)
    objects = open_objects(library.settings.releases_url)
    stem = f"{TITLE_ID}.{LANGUAGE}"
    assert {file["role"]: file["name"] for file in said["files"]} == {
        "deliverable": f"{stem}.mp4",
        "subtitles_srt": f"{stem}.srt",
        "subtitles_vtt": f"{stem}.vtt",
        "qc_json": "qc.json",
        "qc_csv": "qc.csv",
        "verdict": "verdict.json",
        "metrics": "metrics.json",
    }
    for file in said["files"]:
        data = b"".join(objects.stream(f"{release.folder}/{file['name']}"))
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    assert b"".join(objects.stream(f"{release.folder}/{stem}.mp4")) == b"moving pictures" * 1000
    assert release.folder == f"releases/{TITLE_ID}/{LANGUAGE}/{release.release_id}"
    assert verify_release(objects, PLACE, release.release_id, recorded=release.sha256).is_whole


def test_it_says_what_was_measured_what_not_and_who_made_it(local_library: Library) -> None:
    local_library.judged(warnings=("a subtitle file has no cue",))
    _, said = published(local_library)
    assert ReleaseManifest.model_validate(said)
    assert {row["metric"]: row["value"] for row in said["metrics"]} == {
        "word_error_rate": 0.1, "chrf": 60.0, "true_peak": -1.5, "psnr": 40.0,
    }  # fmt: skip
    assert said["not_measured"]["mos"] == "not measured here"
    assert not set(said["not_measured"]) & {row["metric"] for row in said["metrics"]}
    assert (said["decision"], said["verdict"]["consequence"]) == ("APPROVED", "publish")
    assert (said["run_id"], said["attempt"], said["profile"]) == ("run", 1, "embedded")
    assert (said["title_id"], said["language"], said["source_language"]) == (
        TITLE_ID, LANGUAGE, "en",
    )  # fmt: skip
    stages = {stage["stage"]: stage for stage in said["stages"]}
    assert list(stages)[-1] == "evaluate"
    assert stages["mux"]["warnings"] == ["a subtitle file has no cue"]
    assert stages["synthesize"]["provenance"]["engine"]["name"] == "espeak_ng"
    assert stages["synthesize"]["provenance"]["engine"]["programs"] == {"ffmpeg": "5.1"}
    assert stages["synthesize"]["provenance"]["licence"] == "Apache-2.0"
    assert said["data_docs"] == "gates/run/index.html"


def test_it_discloses_what_is_synthetic_where_and_by_which_engine(local_library: Library) -> None:
    local_library.judged()
    _, said = published(local_library)
    disclosure = said["disclosure"]
    assert disclosure["digital_source_type"] == DIGITAL_SOURCE_TYPE
    assert disclosure["text"].startswith("The Spanish speech of this video (es-419) is synthetic,")
    assert disclosure["parts"] == [
        {
            "part": "speech",
            "engines": ["espeak_ng", "world"],
            "spans": [[2000, 3000], [4000, 5000], [6000, 7000]],
        },
        {"part": "lips", "engines": ["hybrid"], "spans": [[2002, 3003]]},
    ]
    assert said["signature"] == {
        "signed": False,
        "why_not": "no certificate and key are configured",
        "certificate_sha256": "",
        "unsigned_sha256": "",
    }


def test_an_engine_that_did_nothing_is_not_disclosed(local_library: Library) -> None:
    plan = RepairPlan(
        attempt=2, based_on="run", lines=(LineRepair(segment_id="s0002", engine="flite"),)
    )
    local_library.judged("run", "repair", plan=plan)
    nobody = {"convert_voice": {"used_speakers": []}}
    local_library.judged("run.a2", attempt=2, parent="run", measurements=nobody)
    _, said = published(local_library, "run.a2")
    assert said["disclosure"]["parts"][0]["engines"] == ["espeak_ng", "flite"]


def test_an_untouched_picture_is_not_disclosed_as_changed(local_library: Library) -> None:
    local_library.judged(lips=Lips(engine="hybrid", frames=300, reason="nobody is seen speaking"))
    _, said = published(local_library)
    assert [part["part"] for part in said["disclosure"]["parts"]] == ["speech"]
    assert "lips" not in said["disclosure"]["text"]


def test_publishing_again_changes_nothing(library: Library) -> None:
    library.judged()
    first = publish_run(library.settings, "run")
    before = [*open_objects(library.settings.releases_url).sizes("releases")]
    assert publish_run(library.settings, "run") == first
    assert [*open_objects(library.settings.releases_url).sizes("releases")] == before
    assert publication(library) == ("published", first.release_id)


def test_a_newer_run_replaces_an_older_one_and_never_the_other_way(library: Library) -> None:
    for run_id in ("one", "two", "three"):
        library.judged(run_id, deliverable=run_id.encode())
    first, second = (publish_run(library.settings, run_id) for run_id in ("one", "three"))
    assert second.replaces == first.release_id
    with pytest.raises(Conflict, match=f"release {second.release_id} of run three"):
        publish_run(library.settings, "two")
    assert publication(library, "two")[0] == "superseded"
    assert publication(library, "two")[1].startswith("a newer run was published")
    entry = current_release(open_objects(library.settings.releases_url), PLACE)
    assert entry
    assert entry.run_id == "three"
    with open_catalog(library.settings.catalog_url) as catalog:
        states = {one.run_id: one.state for one in catalog.releases(TITLE_ID, LANGUAGE)}
    assert states == {"one": "replaced", "three": "current"}


@pytest.mark.parametrize("consequence", ["review", "quarantine", "repair"])
def test_what_its_gate_refuses_is_not_published(local_library: Library, consequence: str) -> None:
    local_library.judged(consequence=consequence)
    with pytest.raises(PolicyRefused, match="nobody has waived"):
        publish_run(local_library.settings, "run")
    assert [*open_objects(local_library.settings.releases_url).sizes("releases")] == []


def test_a_run_that_was_not_judged_is_not_published(local_library: Library) -> None:
    with pytest.raises(InvalidInput, match="not judged"):
        publish_run(local_library.settings, "run")


def test_a_waived_run_is_published_with_the_waiver(local_library: Library) -> None:
    local_library.judged(consequence="review", reasons=(reason(),))
    waive(local_library, "run")
    _, said = published(local_library)
    assert said["decision"] == "REVIEW"
    (waiver,) = said["waivers"]
    assert (waiver["who"], waiver["why"], waiver["review_id"]) == ("ana", "it is a song", "run")
    assert publication(local_library)[0] == "published"


def test_a_rejected_run_is_not_published(local_library: Library) -> None:
    local_library.judged(consequence="review", reasons=(reason(),))
    with open_catalog(local_library.settings.catalog_url) as catalog:
        catalog.decide_review("run", "reject", "ana", "it is wrong")
    with pytest.raises(PolicyRefused, match="REVIEW"):
        publish_run(local_library.settings, "run")


EVIDENCE = "e" * 64


def consented(library: Library, person: str = "Ana", **terms: Any) -> str:
    """Have a judged run use somebody's voice under a consent."""
    consent = new_consent(person, ["voice", "likeness"], EVIDENCE, **terms)
    with open_catalog(library.settings.catalog_url) as catalog:
        catalog.grant(consent)
        catalog.set_cast(TITLE_ID, {"speaker_1": person})
        catalog.note_uses("run", "convert_voice", Use.VOICE, [consent.consent_id])
        catalog.note_uses("run", "lipsync", Use.LIKENESS, [consent.consent_id])
    return consent.consent_id


def test_consents_are_listed_without_names(local_library: Library) -> None:
    local_library.judged()
    consent_id = consented(local_library, "Ana Nimous")
    _, said = published(local_library)
    assert [(one["consent_id"], one["use"]) for one in said["consents"]] == [
        (consent_id, "likeness"), (consent_id, "voice"),
    ]  # fmt: skip
    assert said["consents"][0]["evidence_sha256"] == EVIDENCE
    assert "Nimous" not in json.dumps(said)


def test_a_revoked_consent_stops_the_publication(local_library: Library) -> None:
    local_library.judged()
    consent_id = consented(local_library)
    with open_catalog(local_library.settings.catalog_url) as catalog:
        catalog.revoke(consent_id, "changed her mind")
    with pytest.raises(PolicyRefused, match="was revoked"):
        publish_run(local_library.settings, "run")
    state, note = publication(local_library)
    assert (state, "was revoked" in note) == ("refused", True)
    assert [*open_objects(local_library.settings.releases_url).sizes("releases")] == []


def test_what_was_refused_is_published_once_the_cause_is_mended(local_library: Library) -> None:
    local_library.judged()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    consented(local_library, expires_at=yesterday)
    with pytest.raises(PolicyRefused, match="expired"):
        publish_run(local_library.settings, "run")
    with open_catalog(local_library.settings.catalog_url) as catalog:
        catalog.grant(new_consent("Ana", ["voice", "likeness"], EVIDENCE))
    release = publish_run(local_library.settings, "run")
    assert publication(local_library) == ("published", release.release_id)


@pytest.mark.parametrize("why", ["was revoked", "expired"])
def test_a_consent_that_ends_while_files_are_written_stops_the_publication(
    local_library: Library, why: str
) -> None:
    local_library.judged()
    soon = datetime.now(UTC) + timedelta(seconds=3)
    consent_id = consented(local_library, expires_at=soon.isoformat() if why == "expired" else "")

    def ends_meanwhile(done: int, total: int) -> None:
        if why == "expired":
            time.sleep(max(0, (soon - datetime.now(UTC)).total_seconds()))
            return
        with open_catalog(local_library.settings.catalog_url) as catalog:
            catalog.revoke(consent_id, "changed her mind")

    with pytest.raises(PolicyRefused, match=why):
        publish_run(local_library.settings, "run", ends_meanwhile)
    assert publication(local_library)[0] == "refused"
    objects = open_objects(local_library.settings.releases_url)
    assert objects.read(PLACE.current) is None


def test_a_consent_revoked_at_the_last_moment_withdraws_the_release(
    local_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_library.judged()
    consent_id = consented(local_library)
    revoke_before_it_is_current(local_library, consent_id, monkeypatch)
    with pytest.raises(PolicyRefused, match="revoked"):
        publish_run(local_library.settings, "run")
    objects = open_objects(local_library.settings.releases_url)
    assert current_release(objects, PLACE) is None
    with open_catalog(local_library.settings.catalog_url) as catalog:
        (release,) = catalog.releases(TITLE_ID, LANGUAGE)
    assert release.state == "withdrawn"
    assert consent_id in release.note
    with pytest.raises(PolicyRefused, match="revoked"):
        publish_run(local_library.settings, "run")


def test_a_publisher_who_dies_then_is_followed_by_one_who_withdraws_it(
    local_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_library.judged()
    consent_id = consented(local_library, "Ana Nimous")
    revoke_before_it_is_current(local_library, consent_id, monkeypatch)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("airdub.releases.publishing._record", dies)
    with pytest.raises(KeyboardInterrupt):
        publish_run(local_library.settings, "run")
    objects = open_objects(local_library.settings.releases_url)
    assert current_release(objects, PLACE)
    monkeypatch.undo()
    with pytest.raises(PolicyRefused, match="was revoked"):
        publish_run(local_library.settings, "run")
    assert current_release(objects, PLACE) is None
    (listed,) = list_releases(objects)
    assert listed.tombstone
    assert "Nimous" not in listed.tombstone.why


def revoke_before_it_is_current(
    library: Library, consent_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have a consent revoked when all was checked: nothing can be found to withdraw yet."""

    def make_current_too_late(*given: Any) -> str:
        assert revoke_consent(library.settings, consent_id, "changed her mind").releases == ()
        return make_current(*given)

    monkeypatch.setattr("airdub.releases.publishing.make_current", make_current_too_late)


def test_a_release_whose_consent_has_ended_does_not_become_current_again(
    local_library: Library,
) -> None:
    settings, day = local_library.settings, timedelta(days=1)
    local_library.judged(deliverable=b"one")
    consented(local_library, expires_at=(datetime.now(UTC) + day).isoformat())
    local_library.judged("two", deliverable=b"two")
    _, second = (publish_run(settings, run_id) for run_id in ("run", "two"))
    objects = open_objects(settings.releases_url)

    def withdrawn(*, restore: bool) -> str:
        words = {"who": "ana", "why": "a wrong name"}
        return withdraw_release(settings, PLACE, second.release_id, **words, restore=restore)

    with open_catalog(settings.catalog_url) as catalog:
        (consent, _), *_ = catalog.consents_used("run")
        with catalog.transaction():
            catalog._database.connection.execute(
                "UPDATE consent SET expires_at = '2026-01-01T00:00:00Z'"
            )
    with pytest.raises(PolicyRefused, match=f"{consent.consent_id} of Ana expired"):
        withdrawn(restore=True)
    entry = current_release(objects, PLACE)
    assert entry
    assert entry.release_id == second.release_id
    assert withdrawn(restore=False) == ""


def test_progress_ends_with_all_bytes(local_library: Library) -> None:
    local_library.judged(deliverable=b"x" * (3 << 20))
    told: list[tuple[int, int]] = []
    publish_run(local_library.settings, "run", lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 3 << 20


def test_players_are_told_what_a_file_is(tmp_path: Path, s3_url: str) -> None:
    import boto3

    library = Library(settings_at(tmp_path, s3_url))
    library.judged()
    release = publish_run(library.settings, "run")
    bucket = s3_url.split("/")[2]
    client = boto3.client("s3")
    told = {
        name: client.head_object(Bucket=bucket, Key=f"library/{release.folder}/{name}")
        for name in (
            f"{TITLE_ID}.{LANGUAGE}.mp4",
            f"{TITLE_ID}.{LANGUAGE}.vtt",
            "qc.csv",
            "qc.json",
        )
    }
    assert [answer["ContentType"] for answer in told.values()] == [
        "video/mp4", "text/vtt", "text/csv", "application/json",
    ]  # fmt: skip


def test_postgresql_records_what_was_published_and_withdrawn(tmp_path: Path, postgres: Any) -> None:
    catalog_url = postgres.new_database()
    library = Library(settings_at(tmp_path, str(tmp_path / "r"), AIRDUB_CATALOG=catalog_url))
    for run_id in ("one", "two"):
        library.judged(run_id, deliverable=run_id.encode())
    first, second = (publish_run(library.settings, run_id) for run_id in ("one", "two"))
    withdraw_release(library.settings, PLACE, second.release_id, who="ana", why="why", restore=True)
    with open_catalog(catalog_url) as catalog:
        states = {one.release_id: one.state for one in catalog.releases(TITLE_ID, LANGUAGE)}
    assert states == {first.release_id: "current", second.release_id: "withdrawn"}


def test_a_rights_window_that_closes_while_files_are_written_stops_the_publication(
    local_library: Library,
) -> None:
    local_library.judged()

    def closes_meanwhile(done: int, total: int) -> None:
        past = {"opens_at": "2000-01-01T00:00:00.000000Z", "closes_at": now()}
        with open_catalog(local_library.settings.catalog_url) as catalog:
            catalog.set_rights(RightsWindow(window_id="w", title_id=TITLE_ID, **past))

    with pytest.raises(PolicyRefused, match="rights window is closed"):
        publish_run(local_library.settings, "run", closes_meanwhile)
    objects = open_objects(local_library.settings.releases_url)
    assert current_release(objects, PLACE) is None
    assert publication(local_library)[0] == "refused"


def test_no_release_is_made_current_again_outside_of_its_rights_window(
    local_library: Library,
) -> None:
    for run_id in ("one", "two"):
        local_library.judged(run_id, deliverable=run_id.encode())
        publish_run(local_library.settings, run_id)
    with open_catalog(local_library.settings.catalog_url) as catalog:
        second, _ = catalog.releases()
        past = {"opens_at": "2000-01-01T00:00:00.000000Z", "closes_at": now()}
        catalog.set_rights(RightsWindow(window_id="w", title_id=TITLE_ID, **past))
    words = {"who": "ana", "why": "the name is wrong"}
    with pytest.raises(PolicyRefused, match="may not be current again: its rights window"):
        withdraw_release(local_library.settings, PLACE, second.release_id, **words, restore=True)
    assert withdraw_release(local_library.settings, PLACE, second.release_id, **words) == ""
