"""The runs of a request: which one its dub has come to, and what is known of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airdub.orders import DubOrder
from airdub.repair import attempt_run_id

if TYPE_CHECKING:
    from airdub.catalog import Catalog, Publication, Quarantine, Review
    from airdub.library.documents import Title
    from airdub.queue.documents import Request

_GOES_ON = ("queued", "started", "done")


@dataclass(frozen=True)
class LastRun:
    """The run of a request that decides: its first one, or the last repair of that.

    Attributes:
        repairs: the run that it repairs; "" for a first one.
        overtaken: a later run of the title, of another request, has taken its place.
        publication: of this run, or of the attempt that a person let pass in its review.
    """

    run_id: str
    repairs: str = ""
    overtaken: bool = False
    publication: Publication | None = None
    review: Review | None = None
    quarantine: Quarantine | None = None

    @property
    def is_decided(self) -> bool:
        """Whether the catalogue alone tells what became of it."""
        pending = self.publication and self.publication.state == "pending"
        decided = self.overtaken or self.publication or self.review or self.quarantine
        return bool(decided) and not (pending and not self.review)


def last_run(catalog: Catalog, run_id: str) -> LastRun:
    """Follow a request's first run through its repairs, as far as the catalogue knows."""
    repairs, overtaken = "", False
    while repair := catalog.repair(run_id):
        if repair.state not in _GOES_ON:
            overtaken = True
            break
        run_id, repairs = attempt_run_id(run_id, repair.next_attempt), run_id
    review = catalog.review(run_id)
    decided = review.best_run_id if review and review.state == "publish_with_waiver" else run_id
    return LastRun(
        run_id=run_id,
        repairs=repairs,
        overtaken=overtaken,
        publication=catalog.publication(decided),
        review=review,
        quarantine=catalog.quarantine(run_id),
    )


def first_order(request: Request, title: Title) -> DubOrder:
    """What the first run of a request is asked to do."""
    return DubOrder(
        title_id=title.title_id,
        source=title.location,
        source_language=title.source_language,
        target_language=request.language,
        profile=request.profile,
    )
