"""Take the catalogue back to the schema of an older version of airdub.

`.venv/bin/python -m airdub.catalog LAST`: LAST is the newest migration that the older version has.
Stop airdub and make a copy of the catalogue first: what only newer tables hold is lost.
"""

from __future__ import annotations

import argparse
import sys

from airdub.catalog import roll_back
from airdub.errors import AirdubError
from airdub.settings import load_settings


def main() -> int:
    """Roll back and say what was taken back."""
    parser = argparse.ArgumentParser(prog="python -m airdub.catalog", description=__doc__)
    parser.add_argument("last", metavar="LAST", help="0005_library, for example")
    chosen = parser.parse_args()
    try:
        taken = roll_back(load_settings().catalog_url, chosen.last)
    except AirdubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print("\n".join(f"took back {name}" for name in taken) or "nothing to take back")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
