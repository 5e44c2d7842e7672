"""What follows when enough people complain of the same about a release.

If the title would be dubbed otherwise today (engines, weights, profile or source have changed), it
is requested anew; if not, another dub would be the same one, and people look at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from airdub.catalog import open_catalog
from airdub.catalog.session import now
from airdub.feedback.documents import Tag
from airdub.library.beside import present_inputs
from airdub.profiles import load_profile
from airdub.queue.documents import OPEN, AskedBy, new_request
from airdub.queue.plans import plan_digest
from airdub.repair import attempt_run_id

if TYPE_CHECKING:
    from airdub.catalog import Catalog, Release
    from airdub.queue.documents import Request
    from airdub.settings import Settings

LANE = "feedback"

_PRIORITY = 80
"""Of a dub that viewers complain of: before what nobody has seen."""

_LONGEST_REPAIR = timedelta(days=7)


@dataclass(frozen=True)
class Followed:
    """What followed from complaints about a release.

    Attributes:
        how: `request` or `review`.
        name: the request's id, or the review's run id.
    """

    release_id: str
    title_id: str
    language: str
    complaints: dict[Tag, int]
    how: str
    name: str

    @property
    def why(self) -> str:
        """The complaints in words."""
        return complained(self.complaints)


def above(counts: Mapping[Tag, int], least: int, followed: Set[Tag]) -> dict[Tag, int]:
    """The complaints that something must follow from now.

    Args:
        counts: comments by what they complain of.
        least: of one kind.
        followed: kinds that something followed from already.
    """
    return {
        tag: count
        for tag, count in sorted(counts.items())
        if count >= least and tag not in followed
    }


def complained(complaints: Mapping[Tag, int]) -> str:
    """Complaints in words: `viewers complain of sync (7), voice (5)`."""
    words = ", ".join(f"{tag} ({count})" for tag, count in complaints.items())
    return f"viewers complain of {words}"


def weigh(settings: Settings) -> list[Followed]:
    """Weigh all that was said since the last time, release by release.

    Each is one transaction: doing it again after a kill goes on with what is left. About releases
    that aren't current any more nothing follows. While a repair is under way it waits,
    a week at most: the repair's run may have failed for good.
    """
    found = []
    with open_catalog(settings.catalog_url) as catalog:
        for release_id in catalog.unweighed_releases():
            with catalog.transaction():
                if followed := _weigh(catalog, release_id, settings.feedback_complaints):
                    found.append(followed)
    return found


def _weigh(catalog: Catalog, release_id: str, least: int) -> Followed | None:
    release = catalog.release(release_id)
    counts = catalog.complaints_of_release(release_id)
    complaints = above(counts, least, catalog.followed_tags(release_id))
    if release is None or release.state != "current" or not complaints:
        catalog.note_weighed(release_id)
        return None
    how, name = "request", _requested(catalog, release)
    if not name:
        urgency = float(sum(complaints.values()))
        why, since = complained(complaints), now(_LONGEST_REPAIR)
        how, name = "review", catalog.review_again(release_id, urgency, why, repairs_since=since)
    if not name:
        return None
    catalog.note_weighed(release_id, how, complaints)
    return Followed(release_id, release.title_id, release.language, complaints, how, name)


def _requested(catalog: Catalog, release: Release) -> str:
    """The id of the request by which the title is dubbed otherwise; "" when there is none.

    One that is on its way already will do.
    """
    request = upgraded(catalog, release)
    if request is None:
        return ""
    catalog.enqueue([request], LANE)
    latest = catalog.latest_requests(release.title_id)
    on_its_way = (one for one in latest if one.language == release.language and one.state in OPEN)
    return next((one.request_id for one in on_its_way), "")


def upgraded(catalog: Catalog, release: Release) -> Request | None:
    """The request by which a released title would be dubbed otherwise; None when it wouldn't be.

    Only of what the queue has dubbed: of other releases nobody knows by which plan they were made.
    """
    made = catalog.request_of_run(attempt_run_id(release.run_id, 1))
    title = catalog.title(release.title_id)
    if made is None or title is None or title.missing_since:
        return None
    languages = title.source_language, release.language
    present = present_inputs(title.beside, *languages)
    digest = plan_digest(load_profile(made.profile), *languages, present)
    if (title.version, digest) == (made.version, made.plan_digest):
        return None
    return new_request(
        title.title_id,
        release.language,
        title.version,
        digest,
        profile=made.profile,
        priority=max(_PRIORITY, made.priority),
        asked_by=AskedBy.COMPLAINTS,
    )
