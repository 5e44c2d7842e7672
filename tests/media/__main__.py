"""`python -m tests.media make OUT_DIR [NAME ...]` and `python -m tests.media measure ...`."""

from __future__ import annotations

import argparse
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.media", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="write the sample videos")
    make.add_argument("folder", type=Path)
    make.add_argument("names", nargs="*", help="only these samples")
    return parser


def main() -> None:
    """Run the chosen command."""
    arguments = _parser().parse_args()
    if arguments.command == "make":
        from tests.media.make import make as make_samples

        make_samples(arguments.folder, lambda line: print(line, flush=True), tuple(arguments.names))


if __name__ == "__main__":
    main()
