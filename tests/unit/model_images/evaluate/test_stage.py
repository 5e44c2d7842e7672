"""The evaluate stage: a row for every metric, whatever the metrics do."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from airdub.errors import DependencyUnavailable, EngineFailed
from airdub.gates.table import read_table
from airdub.metrics import NOT_APPLICABLE, TITLE, Metric, MetricTable, load_metrics
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Measured, Value
from model_images.evaluate.stage import load_metric, measure_rows, run
from tests.unit.model_images.evaluate.titles import Said, Title, spoken

HELLO = spoken("Hello.")
LINES = (
    Said(0.5, "Hello.", take=HELLO),
    Said(2.0, "There you are.", take=spoken("There you are.")),
    Said(4.0, "Nobody says this.", original=spoken("Nobody says this.")),
)
PRINT = "f" * 64


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Title(LINES).evidence(tmp_path_factory.mktemp("title"))


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a metric's module in its place."""

    def put(name: str, answer: Measured | Exception) -> None:
        def measure(evidence: Evidence) -> Measured:
            if isinstance(answer, Exception):
                raise answer
            return answer

        full_name = f"model_images.evaluate.metrics.{name}"
        module = ModuleType(full_name)
        vars(module).update(METHOD="test", VERSION="7", measure=measure)
        monkeypatch.setitem(sys.modules, full_name, module)

    return put


def rows(name: str, evidence: Evidence) -> dict[str, Metric]:
    found = measure_rows(load_metrics()[name], evidence, PRINT)
    assert found[0].scope == TITLE
    assert {row.metric for row in found} == {name}
    return {row.scope: row for row in found}


def test_a_value_says_what_it_was_measured_with(
    evidence: Evidence, install: Callable[..., None]
) -> None:
    install("true_peak", Measured(Value(-1.5, n_scored=144_000, coverage=1)))
    (row,) = rows("true_peak", evidence).values()
    assert (row.value, row.n_scored, row.unit, row.direction) == (-1.5, 144_000, "dBTP", "lower")
    assert (row.method, row.version, row.fingerprint) == ("test", "7", PRINT)


def test_lines_are_counted_and_those_left_out_are_told(
    evidence: Evidence, install: Callable[..., None]
) -> None:
    lines = {"s0001": Value(0.25), "s0002": Absent("mumbled")}
    install("word_error_rate", Measured(Value(0.25, n_scored=999), lines))
    found = rows("word_error_rate", evidence)
    assert list(found) == [TITLE, "s0001", "s0002", "s0003"]
    assert (found[TITLE].n_scored, found[TITLE].n_skipped) == (1, 2)
    spoken_s = [line.seconds for line in evidence.lines]
    assert found[TITLE].coverage == pytest.approx(spoken_s[0] / sum(spoken_s), abs=1e-6)
    assert found["s0001"].value == 0.25
    assert found["s0002"].absent == "mumbled"
    assert found["s0003"].absent == "the line could not be measured"
    assert found["s0003"].value is None


@pytest.mark.parametrize("name", load_metrics())
def test_every_metric_says_how_it_measures_after_whom_and_in_which_version(name: str) -> None:
    module = load_metric(name)
    told = module.__doc__ or ""
    order = [told.find(f"\n{head}") for head in ("Method: ", "Source: ", "Version ")]
    assert -1 < order[0] < order[1] < order[2]
    assert told.endswith(f"\nVersion {module.VERSION}.\n")


def test_nothing_measured_is_one_row_with_the_reason(
    evidence: Evidence, install: Callable[..., None]
) -> None:
    install("word_error_rate", Measured(Absent("no recogniser"), {"s0001": Absent("no")}))
    (row,) = rows("word_error_rate", evidence).values()
    assert (row.value, row.absent, row.n_scored, row.coverage) == (None, "no recogniser", 0, 0)


@pytest.mark.parametrize(
    "answer",
    [
        Measured(Value(0.1), {"s0009": Value(0.1)}),
        Measured(Value(math.nan), {"s0001": Value(0.1)}),
        Measured(Value(0.1), {"s0001": Value(math.inf)}),
        Measured(Value("identical"), {"s0001": Value(0.1)}),
        Measured(Value(NOT_APPLICABLE), {"s0001": Value(0.1)}),
        Measured(Value(0.1), {}),
        RuntimeError("no such model"),
    ],
    ids=["unknown line", "NaN", "infinity", "identical", "word", "value of no line", "breaks"],
)
def test_what_is_no_measurement_breaks_the_stage(
    evidence: Evidence, install: Callable[..., None], answer: Measured | Exception
) -> None:
    install("word_error_rate", answer)
    with pytest.raises(EngineFailed, match="word_error_rate"):
        rows("word_error_rate", evidence)


def test_errors_of_the_house_keep_their_class(
    evidence: Evidence, install: Callable[..., None]
) -> None:
    install("word_error_rate", DependencyUnavailable("the store is away", where="store"))
    with pytest.raises(DependencyUnavailable, match="the store is away"):
        rows("word_error_rate", evidence)


@pytest.mark.parametrize(
    ("number", "written"),
    [(0.123456789, 0.123457), (123456.789, 123457.0), (-1.5, -1.5), (0.0, 0.0), (1e-9, 1e-9)],
)
def test_values_have_six_digits(
    evidence: Evidence, install: Callable[..., None], number: float, written: float
) -> None:
    install("true_peak", Measured(Value(number)))
    assert rows("true_peak", evidence)[TITLE].value == written


def test_a_word_is_a_value_where_the_registry_allows_it(
    evidence: Evidence, install: Callable[..., None]
) -> None:
    lines = {line.id: Value(NOT_APPLICABLE) for line in evidence.lines}
    install("numbers_kept", Measured(Value(NOT_APPLICABLE), lines))
    found = rows("numbers_kept", evidence)
    assert (found[TITLE].value, found[TITLE].coverage) == (NOT_APPLICABLE, 1.0)
    assert found["s0003"].value == NOT_APPLICABLE


def test_the_stage_writes_a_table_that_a_gate_can_read(
    tmp_path: Path, install: Callable[..., None]
) -> None:
    for name, spec in load_metrics().items():
        lines = {"s0001": Value(0.5)} if spec.per_segment else {}
        install(name, Measured(Value(0.5), lines))
    install("mos", Measured(Absent("no predictor")))
    context = Title(LINES).context(tmp_path)
    run(context)
    table = MetricTable.model_validate_json(
        context.fetch(context.store_outputs()["metrics"]).read_bytes()
    )
    assert table.fingerprint == context.request.fingerprint
    assert table.deliverable == context.request.inputs["deliverable"].sha256
    assert (table.language, table.value("mos")) == ("en", None)
    assert (context.n_scored, context.n_skipped) == (len(load_metrics()) - 1, 1)
    assert read_table(table.plain(), table.fingerprint).defects == []


def test_every_line_that_must_be_said_is_evidence(evidence: Evidence, tmp_path: Path) -> None:
    assert [(line.id, line.text) for line in evidence.lines][-1] == ("s0003", "Nobody says this.")
    assert evidence.lines[-1].placement is None
    assert [line.id for line in evidence.placed_lines] == ["s0001", "s0002"]
    silent = Title((*LINES[:2], Said(4.0, "", take=None))).evidence(tmp_path)
    assert [line.text for line in silent.lines][-1] == "", "an untranslated line isn't left out"
