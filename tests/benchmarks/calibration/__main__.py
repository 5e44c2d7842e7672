"""Freezes the embedded gates' bounds from clean dubs that are not the demo's.

`python -m tests.benchmarks.calibration` makes three titles, dubs and evaluates them, and writes the
bounds that `rules.yaml` names into airdub/profiles/gates/embedded.yaml; `--dry-run` only prints.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import yaml

from airdub.artifacts import ArtifactStore
from airdub.metrics import MetricTable
from airdub.settings import PROJECT, load_settings
from tests.benchmarks.calibration.bounds import Bounds, Rule, bounds_of, rewritten, values_of
from tests.benchmarks.titles import make_title, read_cues, scripted
from tests.chain import Chain

GATES = PROJECT / "airdub" / "profiles" / "gates" / "embedded.yaml"
_HERE = Path(__file__).parent
TITLES = (
    ("bakery", "espeak:roa/es+m3", "es", slice(0, 12)),
    ("square", "espeak:roa/es+f4", "es", slice(12, 24)),
    ("return", "flite:slt", "en", slice(0, 12)),
)
"""Name, voice and language of the source, and which of the lines it has."""


def main() -> int:
    """Measure, then write or print the bounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.calibration")
    parser.add_argument("--dry-run", action="store_true", help="print the bounds, write nothing")
    parser.add_argument(
        "--folder", type=Path, default=load_settings().var / "bench" / "calibration"
    )
    chosen = parser.parse_args()
    tables = [evaluate_clean(chosen.folder, *title) for title in TITLES]
    rules = yaml.safe_load((_HERE / "rules.yaml").read_text())
    bounds: Bounds = {}
    for metric, rule in rules.items():
        titles, lines = values_of(tables, metric)
        bounds[metric] = bounds_of(metric, Rule.model_validate(rule), titles, lines)
        shown = [f"{value:g}" for value in sorted(titles)]
        print(
            f"{metric:24} titles {' '.join(shown) or 'absent':30} -> {json.dumps(bounds[metric])}"
        )
    if not chosen.dry_run:
        GATES.write_text(rewritten(GATES.read_text(), bounds))
        print(f"written: {GATES.relative_to(PROJECT)}")
    return 0


def evaluate_clean(folder: Path, name: str, voice: str, source: str, part: slice) -> MetricTable:
    """Make, dub and evaluate one title."""
    cues = read_cues(_HERE / "lines.csv")[part]
    sample = scripted(name, voice, cues, source)
    video = make_title(folder / "titles", sample, cues)
    chain = Chain.begin(video, (sample.source, sample.target), ArtifactStore(str(folder / "store")))
    chain.run_all("evaluate")
    print(f"{name}: evaluated", flush=True)
    return MetricTable.model_validate_json(chain.path("metrics").read_bytes())


if __name__ == "__main__":
    raise SystemExit(main())
