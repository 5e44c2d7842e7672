"""Standing orders, as they are kept."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog
from airdub.errors import Conflict
from airdub.queue.documents import StandingOrder

SPANISH = StandingOrder(
    order_id="spanish", titles="maria-*", language="es", profile="embedded", deadline_hours=48
)


def test_an_order_stands_until_it_is_ended(catalog: Catalog) -> None:
    placed = catalog.order(SPANISH)
    assert placed.ordered_at != ""
    assert placed.model_copy(update={"ordered_at": ""}) == SPANISH
    assert catalog.order(SPANISH) == placed  # told twice
    french = catalog.order(SPANISH.model_copy(update={"order_id": "french", "language": "fr"}))
    assert catalog.standing_orders() == [placed, french]
    assert catalog.end_order("spanish")
    assert not catalog.end_order("spanish")
    assert catalog.standing_orders() == [french]


def test_an_id_stands_for_one_order(catalog: Catalog) -> None:
    catalog.order(SPANISH)
    with pytest.raises(Conflict, match="another order"):
        catalog.order(SPANISH.model_copy(update={"priority": 99}))
    catalog.end_order("spanish")
    with pytest.raises(Conflict, match="another order"):
        catalog.order(SPANISH)
