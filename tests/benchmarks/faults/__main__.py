"""Which faults does the gate see, from which size on, in which metric and line?

`python -m tests.benchmarks.faults` makes a title of 84 lines and 5 minutes, dubs it, damages the
dub one fault at a time, and has each judged by the gate. Results are kept per case, so it can be
stopped and goes on; `--fresh` begins anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from airdub.artifacts import ArtifactStore
from airdub.gates import Verdict, judge, load_gates
from airdub.metrics import TITLE, MetricTable
from airdub.requests import StageRequest, build_request
from airdub.results import read_result
from airdub.settings import load_settings
from tests.benchmarks.faults.cases import FAULTS, Damaged, Fault, damage
from tests.benchmarks.titles import make_title, read_cues, scripted
from tests.chain import Chain, run_stage

LINES = Path(__file__).with_name("lines.csv")

Findings = set[tuple[str, str]]
"""(metric, scope) of reasons."""


def main() -> int:
    """Run the cases that have no result yet, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.faults", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--only", nargs="+", choices=[fault.name for fault in FAULTS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gates", default="embedded")
    parser.add_argument("--folder", type=Path, default=load_settings().var / "bench" / "faults")
    chosen = parser.parse_args()
    results = chosen.folder / f"results-{chosen.gates}-{chosen.seed}"
    if chosen.fresh:
        shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True, exist_ok=True)
    chain = dub_title(chosen.folder)
    clean = verdict_of(chain, chain.request("evaluate"), chosen.gates)
    for kind, blocking in (("alarms", True), ("remarks", False)):
        print(f"clean: {clean.decision}, {kind}: {_words(findings(clean, blocking=blocking))}")
    (results / "clean.json").write_text(clean.model_dump_json(indent=1))
    for fault in FAULTS:
        if not chosen.only or fault.name in chosen.only:
            find_smallest(chain, fault, chosen, results, clean)
    print(table(results))
    return 0


def dub_title(folder: Path) -> Chain:
    """The clean dub; stages whose results are there are not run again."""
    cues = read_cues(LINES)
    video = make_title(folder / "title", scripted("journey", "espeak:roa/es+f2", cues), cues)
    chain = Chain.begin(video, ("es", "en"), ArtifactStore(str(folder / "store")))
    chain.run_all("mux")
    return chain


def find_smallest(
    chain: Chain, fault: Fault, chosen: argparse.Namespace, results: Path, clean: Verdict
) -> None:
    """Judge a fault's sizes from small to gross, up to the first that is seen."""
    for size in fault.sizes:
        file = results / f"{fault.name}-{size:g}.json"
        if not file.exists():
            file.write_text(json.dumps(run_case(chain, fault, size, chosen, clean), indent=1))
        case = json.loads(file.read_text())
        told = f" (remarks: {', '.join(case['remarked'])})" if case["remarked"] else ""
        seen = ", ".join(case["found"]) or "not seen"
        print(f"{fault.name} {size:g} {fault.unit}: {seen}{told}", flush=True)
        if case["found"]:
            return


def run_case(
    chain: Chain, fault: Fault, size: float, chosen: argparse.Namespace, clean: Verdict
) -> dict[str, Any]:
    """Damage, evaluate, judge."""
    folder = chosen.folder / "case"
    shutil.rmtree(folder, ignore_errors=True)
    damaged = damage(chain, fault, size, chosen.seed, folder)
    verdict = verdict_of(chain, damaged_request(chain, damaged), chosen.gates)
    new = findings(verdict, blocking=True) - findings(clean, blocking=True)
    remarks = findings(verdict, blocking=False) - findings(clean, blocking=False)
    shutil.rmtree(folder)
    return {
        "fault": fault.name,
        "size": size,
        "unit": fault.unit,
        "wrong": damaged.segments,
        "decision": verdict.decision,
        "found": sorted({metric for metric, _ in new}),
        "remarked": sorted({metric for metric, _ in remarks}),
        "blamed": sorted({scope for _, scope in new if scope != TITLE}),
    }


def damaged_request(chain: Chain, damaged: Damaged) -> StageRequest:
    """The evaluation of the damaged files in place of the clean ones."""
    clean = chain.request("evaluate")
    inputs = dict(clean.inputs)
    files = {"deliverable": damaged.deliverable, "dialogue_stem": damaged.stem}
    for name, path in files.items():
        if path is not None:
            key = f"inputs/damaged/{name}{path.suffix}"
            inputs[name] = chain.store.put(path, key, inputs[name].media_type)
    return build_request(
        "evaluate",
        clean.engine,
        inputs,
        attempt_id=uuid.uuid4().hex,
        parameters=clean.parameters,
    )


def verdict_of(chain: Chain, request: StageRequest, gates: str) -> Verdict:
    """Evaluate, unless that was done, and judge."""
    if read_result(chain.store, request) is None:
        chain.store.write(request.request_key, request.to_json())
        run_stage("evaluate", request.request_key, chain.store.url)
    result = read_result(chain.store, request)
    assert result is not None
    metrics = MetricTable.model_validate_json(chain.store.read(result.outputs["metrics"].key))
    return judge(load_gates(gates, "en"), metrics.plain(), request.fingerprint)


def findings(verdict: Verdict, *, blocking: bool) -> Findings:
    """What blocks, or what is only remarked."""
    return {
        (reason.metric, reason.scope) for reason in verdict.reasons if reason.blocking == blocking
    }


def _words(found: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{metric} ({scope})" for metric, scope in sorted(found)) or "none"


def table(results: Path) -> str:
    """The results as a table in Markdown."""
    heads = ("fault", "smallest size seen", "not seen", "by", "wrong lines blamed")
    heads += ("other lines blamed", "remarked besides, blocking nothing")
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for fault in FAULTS:
        files = [results / f"{fault.name}-{size:g}.json" for size in fault.sizes]
        cases = [json.loads(file.read_text()) for file in files if file.exists()]
        if cases:
            rows.append(_row(fault, cases))
    return "\n".join(rows)


def _row(fault: Fault, cases: list[Mapping[str, Any]]) -> str:
    seen = next((case for case in cases if case["found"]), None)
    missed = ", ".join(f"{case['size']:g}" for case in cases if not case["found"]) or "-"
    remarks = ", ".join((seen or cases[-1])["remarked"]) or "-"
    if seen is None:
        return f"| {fault.name} | never | {missed} {fault.unit} | - | - | - | {remarks} |"
    wrong, blamed = set(seen["wrong"]), set(seen["blamed"])
    right = f"{len(wrong & blamed)} of {len(wrong)}" if wrong else "whole title"
    others = str(len(blamed - wrong)) if wrong else "-"
    size = f"{seen['size']:g} {fault.unit}"
    cells = [fault.name, size, missed, ", ".join(seen["found"]), right, others, remarks]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main())
