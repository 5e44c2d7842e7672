"""A stage's process that makes chunks of the tests' own maker: `python -m tests.spark_driver FOLDER
CHUNKS SECONDS` prints who made each chunk, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from model_images.runner.chunks import ChunkJob
from tests.builders import stage_context
from tests.unit.model_images.runner.makers import Clerk


def main() -> None:
    """Make chunks by the Spark that the environment tells of."""
    folder, count, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    jobs = [ChunkJob(n, (n * 240, n * 240 + 240), {"source": "s"}) for n in range(count)]
    context = stage_context(folder, "lipsync", "hybrid")
    made = context.make_chunks(Clerk(folder / "diary", seconds), jobs)
    print(json.dumps({chunk.number: chunk.data["pid"] for chunk in made}))


if __name__ == "__main__":
    main()
