"""Plans that are tried on some titles first."""

from __future__ import annotations

from math import inf

from airdub.catalog.session import Session, now
from airdub.errors import Conflict, InvalidInput
from airdub.queue.documents import RequestState, Rollout


class Rollouts(Session):
    """Rollouts: while a plan is tried, what is enqueued beyond its canaries is held."""

    def begin_rollout(self, rollout: Rollout) -> Rollout:
        """Try a plan; one that is tried already, or was, stays as it is.

        Begin it before the plan's requests are enqueued.
        """
        fields = rollout.model_dump(include={"plan_digest", "profile", "language", "canaries"})
        with self.transaction():
            self._run("begin_rollout", **fields, now=now())
            return Rollout.model_validate(
                self._run("find_rollout", plan_digest=rollout.plan_digest)
            )

    def rollout(self, plan_digest: str) -> Rollout | None:
        """The rollout of a plan."""
        row = self._run("find_rollout", plan_digest=plan_digest)
        return Rollout.model_validate(row) if row else None

    def rollouts(self, state: str = "trying") -> list[Rollout]:
        """Rollouts in a state, the oldest first."""
        return [Rollout.model_validate(row) for row in self._run("find_rollouts", state=state)]

    def plan_counts(self, plan_digest: str) -> dict[RequestState, int]:
        """How many requests of a plan are in each state."""
        rows = self._run("count_plan", plan_digest=plan_digest)
        return {RequestState(row["state"]): row["count"] for row in rows}

    def canaries_left(self, plan_digest: str) -> float:
        """How many requests of a plan may go beside those that go already: inf when all may.

        Within a transaction nobody else lets any go until it ends.
        """
        row = self._run("hold_rollout", plan_digest=plan_digest)
        rollout = Rollout.model_validate(row) if row else None
        if rollout is None or rollout.state == "open":
            return inf
        if rollout.state == "stopped":
            return 0
        gone: int = self._run("count_canaries", plan_digest=plan_digest)
        return max(rollout.canaries - gone, 0)

    def replace_canaries(self, plan_digest: str) -> int:
        """Let held requests of a plan that is tried go in place of canaries that came to nothing.

        Those were cancelled, superseded, or their rights don't allow them.

        Returns:
            How many may go now.
        """
        with self.transaction():
            left = self.canaries_left(plan_digest)
            if not 0 < left < inf:
                return 0
            of = {"plan_digest": plan_digest, "most": int(left)}
            released: int = self._run("release_canaries", **of, now=now())
            return released

    def end_rollout(self, plan_digest: str, state: str, *, was: str, note: str = "") -> int:
        """Open a plan to all of its titles, stop it, or try it again.

        Args:
            state: `open`, which releases what was held; `stopped`; `trying`.

        Returns:
            How many requests were released.

        Raises:
            InvalidInput: there is no such rollout.
            Conflict: it is in another state.
        """
        with self.transaction():
            of = {"plan_digest": plan_digest, "now": now()}
            if not self._run("move_rollout", **of, state=state, was=was, note=note):
                self._refuse(plan_digest, state, was)
            return self.release_held(plan_digest) if state == "open" else 0

    def _refuse(self, plan_digest: str, state: str, was: str) -> None:
        rollout = self.rollout(plan_digest)
        if rollout is None:
            raise InvalidInput(
                "there is no rollout of that plan", where=plan_digest, remedy="correct the digest"
            )
        if rollout.state != state:
            raise Conflict(
                f"the rollout is {rollout.state}, not {was}",
                where=plan_digest,
                remedy="look at what is there now: somebody else was first",
            )

    def release_held(self, plan_digest: str) -> int:
        """Let what was held of a plan wait for its turn; how many."""
        released: int = self._run("release_held", plan_digest=plan_digest, now=now())
        return released
