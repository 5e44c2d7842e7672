"""What people are told when something goes wrong: pure, whoever sends it and however."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import Field

from airdub.errors import AirdubError
from airdub.gates import Consequence
from airdub.judgements import Judgement
from airdub.model import Document
from airdub.queue.documents import Rollout

OVERDUE = "overdue"
"""What all notices of overdue requests are about."""

_MOST_LINES = 10
_MOST_CHARACTERS = 500


class NoticeKind(StrEnum):
    """What happened."""

    FAILURE = "failure"
    REFUSAL = "refusal"
    PAUSE = "pause"  # of the queue, or of a plan that is tried
    DEADLINE = "deadline"


class Notice(Document):
    """Something that somebody should know.

    Attributes:
        about: notices about the same thing are told once in a while only, see `Notices.claim`.
        headline: one line.
        facts: what is known, by name.
        lines: further words, one line each.
        url: where to look; "" nowhere.
        repeats: whether each about the same thing is another event: those that aren't told count.
        held_back: how many about the same thing were not told since the last that was.
    """

    kind: NoticeKind
    about: str = Field(min_length=1)
    headline: str = Field(min_length=1)
    facts: Mapping[str, str] = {}
    lines: tuple[str, ...] = ()
    url: str = ""
    repeats: bool = True
    held_back: int = Field(0, ge=0)

    @property
    def subject(self) -> str:
        """One line without control characters: for the head of a mail."""
        return f"airdub: {_plain(self.headline)}"

    @property
    def text(self) -> str:
        """All of it as plain text."""
        return "\n".join([_plain(self.headline), "", *self._body()])

    @property
    def html(self) -> str:
        """All of it as HTML; nothing that it quotes is taken for markup."""
        body = "".join(f"<p>{html.escape(line)}</p>" for line in self._body())
        return f"<h3>{html.escape(_plain(self.headline))}</h3>{body}"

    def _body(self) -> list[str]:
        body = [f"{name}: {_plain(words)}" for name, words in self.facts.items() if words]
        body += [_plain(line) for line in self.lines[:_MOST_LINES]]
        if len(self.lines) > _MOST_LINES:
            body.append(f"and {len(self.lines) - _MOST_LINES} more")
        if self.held_back:
            body.append(f"{self.held_back} more like it since the last notice")
        return [*body, self.url] if self.url else body


def failed_task(
    of: Mapping[str, str], dag_id: str, task_id: str, error: AirdubError, url: str = ""
) -> Notice:
    """A task that failed for good.

    Args:
        of: what it worked on: title, language, run ...
    """
    kind = type(error).__name__
    whose = " > ".join(of[name] for name in ("title", "language") if of.get(name))
    return Notice(
        kind=NoticeKind.FAILURE,
        about=f"failure:{dag_id}:{task_id}:{kind}",
        headline=f"{whose or dag_id}: {task_id} failed",
        facts={
            **of,
            "error": kind,
            "what": error.what,
            "where": error.where,
            "what to do": error.remedy,
        },
        url=url,
    )


def refused_dub(judgement: Judgement, url: str = "") -> Notice | None:
    """A dub that its gate doesn't let through; None for one that is published or repaired."""
    run, verdict = judgement.run, judgement.verdict
    if verdict.consequence not in (Consequence.REVIEW, Consequence.QUARANTINE):
        return None
    then = {
        Consequence.REVIEW: "a person decides: `review_dub`, page Dub reviews",
        Consequence.QUARANTINE: "nobody may see it; mend the cause, then `airdub retry`",
    }
    return Notice(
        kind=NoticeKind.REFUSAL,
        about=f"refusal:{verdict.gates}:{run.language}:{verdict.consequence}",
        headline=f"{run.title_id} > {run.language}: the gate says {verdict.decision}",
        facts={
            "run": run.run_id,
            "attempt": str(run.attempt),
            "gates": verdict.gates,
            "what follows": then[verdict.consequence],
        },
        lines=tuple(reason.text for reason in verdict.reasons if reason.blocking),
        url=url,
    )


def paused_queue(pause_id: str, reason: str, note: str) -> Notice:
    """The queue was paused: nothing more is started."""
    return Notice(
        kind=NoticeKind.PAUSE,
        about=f"pause:{pause_id}",
        repeats=False,
        headline=f"the queue is paused: {reason}",
        facts={
            "why": note,
            "what to do": "`airdub status` groups failures by reason; mend the cause, then "
            "`airdub queue resume`",
        },
    )


def stopped_plan(rollout: Rollout) -> Notice:
    """A plan that went wrong on the titles that it was tried on: its other requests are held."""
    plan = rollout.plan_digest[:12]
    return Notice(
        kind=NoticeKind.PAUSE,
        about=f"rollout:{rollout.plan_digest}:{rollout.changed_at}",
        repeats=False,
        headline=f"a new plan is stopped: {rollout.profile}, {rollout.language}",
        facts={
            "why": rollout.note,
            "plan": plan,
            "what to do": f"look at its canaries; then `airdub queue rollout {plan} --to open`, or "
            "--to trying",
        },
    )


def late_run(dag_id: str, run_id: str, hours: float, url: str = "") -> Notice:
    """A run that should have ended by now."""
    return Notice(
        kind=NoticeKind.DEADLINE,
        about=f"late:{dag_id}",
        headline=f"{dag_id} has not ended after {hours:g} hours",
        facts={"run": run_id, "what to do": "look at its tasks; `airdub status` shows the queue"},
        url=url,
    )


class Overdue(Document):
    """A dub that was due and isn't there.

    Attributes:
        due: UTC.
        state: where its request stands.
    """

    title_id: str
    language: str
    due: str
    state: str

    @property
    def dub(self) -> str:
        """Title and language."""
        return f"{self.title_id} > {self.language}"


def overdue_requests(count: int, first: Iterable[Overdue]) -> Notice:
    """Dubs that were due and aren't there.

    Args:
        count: of all that became overdue.
        first: some of them, the earliest first.
    """
    return Notice(
        kind=NoticeKind.DEADLINE,
        about=OVERDUE,
        repeats=False,
        headline=f"{count} dub{' is' if count == 1 else 's are'} overdue",
        facts={"what to do": "`airdub priority` brings them forward; `airdub status` shows why"},
        lines=tuple(f"{one.dub} was due {one.due[:16]}Z and is {one.state}" for one in first),
    )


def _plain(words: str) -> str:
    """One line of bounded length: what is quoted may be anything."""
    line = "".join(sign if sign.isprintable() else " " for sign in words).strip()
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 1]}…"
