"""What an order asks of its stages: built here alone, so that whoever asks asks for the same."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.continuity.voices import SPEAKING_STAGE, voiced
from airdub.engines import Environment, find_engine, resolve_engine, unread_inputs
from airdub.orders import DubOrder, choose_engine
from airdub.profiles import load_profile
from airdub.repair import repair_parameters
from airdub.requests import AskedBy, StageRequest, StageResult, build_request
from airdub.settings import Settings
from airdub.stages import STAGES, Resources
from operators.consents import StageConsents
from operators.references import Source, collect_inputs


@dataclass(frozen=True)
class Asked:
    """What is asked of a stage, under which consents it works, and what it may use."""

    request: StageRequest
    consents: StageConsents
    resources: Resources


@dataclass(frozen=True)
class Asker:
    """Asks the stages of one order.

    Attributes:
        run_id: of the run of `dub_video`, which may be one that hasn't begun.
        environment: what stages find where they run.
    """

    settings: Settings
    store: ArtifactStore
    order: DubOrder
    run_id: str
    environment: Environment

    def ask(
        self, stage: str, wiring: Mapping[str, Source], results: Mapping[str, StageResult]
    ) -> Asked:
        """A request of a stage as the catalogue and the profile are now.

        Args:
            wiring: where each input port comes from.
            results: of upstream, by task id.

        Raises:
            IncompleteResult: a required input is missing, or can't be read.
            InvalidInput, PolicyRefused: see `airdub.orders.choose_engine`.
            DependencyUnavailable: the engine lacks something.
        """
        spec = STAGES[stage]
        inputs = collect_inputs(spec, dict(wiring), dict(results))
        profile = load_profile(self.order.profile)
        rule = choose_engine(profile, self.order, stage, inputs)
        unread = unread_inputs(find_engine(stage, rule.engine))
        resolve = partial(resolve_engine, environment=self.environment)
        consents = StageConsents(self.settings, self.order, self.run_id, stage, rule.engine)
        request = build_request(
            stage,
            resolve(stage, rule.engine),
            {port: ref for port, ref in inputs.items() if port not in unread},
            attempt_id=uuid.uuid4().hex,
            parameters={
                **rule.parameters,
                **self.order.language_parameters(spec.languages),
                **repair_parameters(stage, self.order.repair, resolve),
                **consents.parameters(),
            },
            asked_by=AskedBy(
                title_id=self.order.title_id,
                language=self.order.target_language,
                run_id=self.run_id,
                attempt=self.order.attempt,
            ),
        )
        if stage == SPEAKING_STAGE:
            with open_catalog(self.settings.catalog_url) as catalog:
                request = voiced(catalog, self.store, self.order, request)
        return Asked(request, consents, profile.resources_of(stage))
