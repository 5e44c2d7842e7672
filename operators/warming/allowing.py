"""Whether what was chosen may still be made: a batch starts later than its choice."""

from __future__ import annotations

from datetime import UTC, datetime

from airdub.catalog import Catalog
from airdub.clearance import check_rights
from airdub.consents import Use
from airdub.engines import find_engine
from airdub.errors import PolicyRefused
from airdub.profiles import load_profile
from airdub.queue.documents import Request, RequestState
from airdub.requests import StageRequest

_GIVEN_UP = (RequestState.CANCELLED, RequestState.SUPERSEDED)


def check_still_allowed(catalog: Catalog, request: StageRequest) -> None:
    """Make sure that the dub is still wanted, its rights are open and its consents valid.

    Raises:
        PolicyRefused: it isn't so any more. What was made before may stay, but for what was
            revoked.
    """
    by = request.asked_by
    wanted = catalog.request_of_run(by.run_id)
    if wanted is None or wanted.state in _GIVEN_UP:
        raise PolicyRefused(
            "its dub is not asked for any more",
            where=f"{by.title_id} in {by.language}",
            remedy="`airdub retry` asks for it again",
        )
    check_rights(catalog, by.title_id, by.language)
    if lacks := "; ".join(_lacks(catalog, request, wanted)):
        raise PolicyRefused(
            lacks,
            where=f"{by.title_id} in {by.language}",
            remedy="start `warm_stage` anew: it asks for what is allowed then",
        )


def _lacks(catalog: Catalog, request: StageRequest, wanted: Request) -> list[str]:
    """Why consents that a request states don't allow it now, in words."""
    stated = request.parameters.get("consented")
    named = find_engine(request.stage, request.engine.name).consent
    if not named or not isinstance(stated, dict):
        return []
    use, territories = Use(named), load_profile(wanted.profile).territories
    now = datetime.now(UTC)
    known = (catalog.consent(str(one)) for one in stated.values())
    lacks = {
        one.consent_id: one.lacks(use, wanted.language, territories, now) for one in known if one
    }
    return [f"the consent {consent_id} {why}" for consent_id, why in lacks.items() if why]
