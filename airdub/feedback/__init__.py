"""What viewers and reviewers say about dubs: read, tagged, counted, and what follows from it."""

from __future__ import annotations

from airdub.feedback.documents import STAGES_OF, Comment, SaidBy, Tag, new_comment
from airdub.feedback.lexicon import tag_comment

__all__ = ["STAGES_OF", "Comment", "SaidBy", "Tag", "new_comment", "tag_comment"]
