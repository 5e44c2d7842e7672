"""Whether a run is of what its title is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airdub.errors import Conflict
from airdub.repair import attempt_run_id

if TYPE_CHECKING:
    from airdub.catalog import Catalog


class Outdated(Conflict):
    """The title has another version by now, which is dubbed of its own."""


def refuse_outdated(catalog: Catalog, run_id: str) -> None:
    """Make sure that a run of a request is of its title's version of now.

    What was started without a request is what whoever started it wants.

    Raises:
        Outdated: it isn't.
    """
    request = catalog.request_of_run(attempt_run_id(run_id, 1))
    title = catalog.title(request.title_id) if request else None
    if request and title and title.version != request.version:
        raise Outdated(
            "the title has another version by now",
            where=run_id,
            remedy="nothing: what was asked for of the newer version is dubbed instead",
        )
