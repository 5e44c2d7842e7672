"""What is wanted of titles, those of the future included."""

from __future__ import annotations

from airdub.catalog.session import Session, now
from airdub.errors import Conflict
from airdub.queue.documents import StandingOrder


class StandingOrders(Session):
    """Standing orders."""

    def order(self, order: StandingOrder) -> StandingOrder:
        """Place an order; placing it again is fine.

        Raises:
            Conflict: another order stands under that id, or it has ended.
        """
        fields = order.model_dump(exclude={"ordered_at", "ended_at"})
        with self.transaction():
            self._run("insert_order", **fields, now=now())
            known = StandingOrder.model_validate(self._run("find_order", order_id=order.order_id))
        if known.model_dump(exclude={"ordered_at"}) != {**fields, "ended_at": ""}:
            raise Conflict(
                "another order stands or stood under that id",
                where=order.order_id,
                remedy="choose another id",
            )
        return known

    def standing_orders(self) -> list[StandingOrder]:
        """Orders that stand, the oldest first."""
        return [StandingOrder.model_validate(row) for row in self._run("standing_orders")]

    def end_order(self, order_id: str) -> bool:
        """End an order: what was enqueued by it stays; whether it stood."""
        return bool(self._run("end_order", order_id=order_id, now=now()))
