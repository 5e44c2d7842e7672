"""The one entry point of every image: `python -m model_images.runner STAGE --request KEY`.

`--batch KEY` instead makes several requests, one after the other, in this process.
`python -m model_images.runner describe` prints what the environment has of what engines need.
The store's URL comes from AIRDUB_STORE.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

from airdub.stages import STAGES


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m model_images.runner", description=__doc__)
    parser.add_argument("stage", choices=[*STAGES, "describe"], metavar="STAGE")
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--request", metavar="KEY", help="key of the request in the store")
    asked.add_argument("--batch", metavar="KEY", help="key of a request for several others")
    arguments = parser.parse_args()
    if arguments.stage != "describe" and not (arguments.request or arguments.batch):
        parser.error("--request KEY or --batch KEY is needed to run a stage")
    return arguments


def _describe() -> int:
    from airdub.engines import load_engines
    from model_images.runner.environment import detect

    sys.stdout.buffer.write(detect(load_engines().values()).to_json())
    return 0


if __name__ == "__main__":
    chosen = _arguments()
    if chosen.stage == "describe":
        sys.exit(_describe())
    from model_images.runner.batches import make_batch
    from model_images.runner.running import main, make_one

    make, key = (make_batch, chosen.batch) if chosen.batch else (make_one, chosen.request)
    sys.exit(main(partial(make, stage=chosen.stage, key=key)))
