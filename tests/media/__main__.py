"""`python -m tests.media make OUT_DIR [NAME ...]` and `python -m tests.media measure ...`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.media", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="write the sample videos")
    make.add_argument("folder", type=Path)
    make.add_argument("names", nargs="*", help="only these samples")
    make.add_argument("--demo", action="store_true", help="only the samples of the demo")
    measure = commands.add_parser("measure", help="measure a finished dub, as JSON")
    measure.add_argument("--source", type=Path, required=True)
    measure.add_argument("--deliverable", type=Path, required=True)
    measure.add_argument("--dialogue-stem", type=Path)
    measure.add_argument("--mix", type=Path, help="the mix before it was encoded")
    measure.add_argument("--bed", type=Path, help="the true background")
    measure.add_argument("--lips", type=Path)
    measure.add_argument("--placements", type=Path)
    measure.add_argument("--no-picture", dest="picture", action="store_false")
    return parser


def main() -> None:
    """Run the chosen command."""
    arguments = vars(_parser().parse_args())
    if arguments.pop("command") == "make":
        from tests.media.catalog import SAMPLES
        from tests.media.make import make

        names = [sample.name for sample in SAMPLES if sample.demo] if arguments["demo"] else []
        names += arguments["names"]
        make(arguments["folder"], lambda line: print(line, flush=True), (*names,))
    else:
        from tests.media.measure import report

        source, deliverable = arguments.pop("source"), arguments.pop("deliverable")
        print(json.dumps(report(source, deliverable, **arguments), indent=1, allow_nan=False))


if __name__ == "__main__":
    main()
