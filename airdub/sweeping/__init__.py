"""Sweeping: bulky work that nobody needs goes, what proves and what is costly stays.

Only folders below `work/<stage>/<fingerprint>` and those of chunks are ever looked at: no release,
draft, source or cached line can be met by it.
"""

from __future__ import annotations

from airdub.sweeping.broom import Tally, sweep

__all__ = ["Tally", "sweep"]
