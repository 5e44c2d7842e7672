"""How fast a library is scanned: for the first time, again without changes, and after a few.

`.venv/bin/python -m tests.benchmarks.scan [--files 2000] [--mib 1] [--readers 0]`; in a temporary
folder, with a catalogue in SQLite that is flushed to the disk. Every tenth video has a script.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from pathlib import Path

from airdub.catalog import open_catalog
from airdub.library.files import open_files
from airdub.library.registering import ScanReport
from airdub.library.scanning import ScanOptions, scan
from tests.unit.airdub.library.shelves import video

_IN_A_FOLDER = 100
_CHANGED = 100  # one in so many
_BLOCK = 1 << 20


def fill(folder: Path, files: int, size: int) -> None:
    """Write real videos that differ in their last bytes."""
    for number in range(files):
        file = folder / f"series {number // _IN_A_FOLDER}" / f"film S01E{number:04}.mp4"
        file.parent.mkdir(exist_ok=True)
        with file.open("wb") as stream:
            stream.write(video() + (size + 8).to_bytes(4, "big") + b"free")
            for first in range(0, size, _BLOCK):
                stream.write(os.urandom(min(_BLOCK, size - first)))
        if number % 10 == 0:
            file.with_suffix(".es.srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{number}\n")


def change(folder: Path) -> int:
    """Write every hundredth video anew; returns how many."""
    films = sorted(folder.rglob("*.mp4"))[::_CHANGED]
    for film in films:
        with film.open("ab") as stream:
            stream.write(video("x")[-9:])
    return len(films)


def told(what: str, found: ScanReport) -> str:
    """A row of the table."""
    titles = found.added + found.changed + found.same
    read = found.read_bytes / (1 << 20)
    return (
        f"| {what} | {titles} | {found.added + found.changed} | {read:.0f} | {found.wall_s:.1f} | "
        f"{titles / found.wall_s:.0f} | {read / found.wall_s:.0f} |"
    )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scan")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--mib", type=float, default=1.0, help="size of a file")
    parser.add_argument("--readers", type=int, default=0, help="0: as many as there are cores")
    chosen = parser.parse_args()
    options = ScanOptions(readers=chosen.readers or os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "library")
        folder.mkdir()
        fill(folder, chosen.files, int(chosen.mib * (1 << 20)))
        print(f"{options.readers} readers, files of {chosen.mib:g} MiB")
        print("| scan | titles | read | MiB | s | titles/s | MiB/s |")
        print("|---|---|---|---|---|---|---|", flush=True)
        with open_catalog(f"sqlite://{name}/catalog.db") as catalog:
            for what in ("first", "again"):
                print(told(what, scan(catalog, open_files(str(folder)), options)), flush=True)
            change(folder)
            print(told("1 % changed", scan(catalog, open_files(str(folder)), options)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"peak memory: {peak} MiB")


if __name__ == "__main__":
    main()
