"""A table of metrics validated by Great Expectations, with its pages for people.

The library is imported when it is used: it takes seconds and loads pandas.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airdub.errors import EngineFailed
from airdub.gates.frame import frame_of
from airdub.gates.suite import Condition, Expectation
from airdub.gates.table import Row

if TYPE_CHECKING:
    from great_expectations.checkpoint.checkpoint import CheckpointResult
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )

_NUMBER = "number"
"""In an expectation's meta: its place in the suite."""

_SITE = "pages"


def validate(
    expectations: Sequence[Expectation],
    rows: Iterable[Row],
    *,
    name: str,
    run_id: str,
    pages: Path,
) -> list[Expectation]:
    """Validate the rows and write Data Docs.

    Args:
        expectations: see `airdub.gates.suite`.
        rows: from anywhere.
        name: of the suite, for people.
        run_id: of the run that is judged, for people.
        pages: empty folder that gets the site.

    Returns:
        Those that aren't met, or of which there is no word: none means that all are met.

    Raises:
        EngineFailed: Great Expectations isn't there, or broke.
    """
    try:
        result = _run(expectations, rows, name=name, run_id=run_id, pages=pages)
        [validation] = result.run_results.values()
        met = {_number(one) for one in validation.results if one.success}
    except Exception as error:
        raise EngineFailed(
            f"Great Expectations could not validate: {type(error).__name__}: {error}",
            where=f"gate of {run_id}",
            remedy="read this task's log; nothing is published without it",
        ) from error
    return [one for number, one in enumerate(expectations) if number not in met]


def _run(
    expectations: Sequence[Expectation],
    rows: Iterable[Row],
    *,
    name: str,
    run_id: str,
    pages: Path,
) -> CheckpointResult:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # it reads that when it is imported
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it tells of every function
    import great_expectations as gx
    import pandas as pd
    from great_expectations.checkpoint.actions import UpdateDataDocsAction
    from great_expectations.core.run_identifier import RunIdentifier

    context = _context(pages)
    asset = context.data_sources.add_pandas("dub").add_dataframe_asset("metrics")
    data = asset.add_batch_definition_whole_dataframe("all rows")
    suite = context.suites.add(
        gx.ExpectationSuite(name=name, expectations=[*_expectations(expectations)])
    )
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=data, suite=suite)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=name,
            validation_definitions=[definition],
            actions=[UpdateDataDocsAction(name="pages", site_names=[_SITE])],
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": ["metric", "scope"],
            },
        )
    )
    return checkpoint.run(
        batch_parameters={"dataframe": pd.DataFrame(frame_of(rows))},
        run_id=RunIdentifier(run_name=run_id),
    )


def _context(pages: Path) -> EphemeralDataContext:
    """A context in memory that writes its pages to the folder, and nothing else anywhere."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    site = {
        "class_name": "SiteBuilder",
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(pages),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            data_docs_sites={_SITE: site},
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


def _number(result: ExpectationValidationResult) -> int:
    config = result.expectation_config
    if config is None or config.meta is None:
        raise ValueError("a result doesn't say what it is about")
    return int(config.meta[_NUMBER])


def _expectations(expectations: Iterable[Expectation]) -> Iterable[Any]:
    from great_expectations import expectations as known

    for number, one in enumerate(expectations):
        conditioned = {"row_condition": _condition(one.rows)} if one.rows else {}
        yield getattr(known, one.type)(
            **one.arguments,
            **conditioned,
            description=one.text,
            severity="critical" if one.blocking else "info",
            meta={_NUMBER: number, "metric": one.metric, "blocking": one.blocking},
        )


def _condition(conditions: Iterable[Condition]) -> Any:
    from great_expectations.expectations.row_conditions import Column

    made: Any = None
    for one in conditions:
        column = Column(one.column)
        if one.is_ == "among":
            this: Any = column.is_in([*one.value])
        else:
            this = column == one.value if one.is_ == "equal" else column != one.value
        made = this if made is None else made & this
    return made
