"""Warming a stage by a pod."""

from __future__ import annotations

from typing import Any

from operators.stage_pod import StagePodOperator
from operators.warm_stage import WarmWork


class WarmPodOperator(WarmWork, StagePodOperator):
    """Makes a batch by one pod, which is found, watched and removed as a stage's is.

    Args:
        chosen: id of the task that chose the requests.
    """

    ui_color = "#e0e7ff"

    def __init__(self, *, chosen: str, **kwargs: Any) -> None:
        super().__init__(stage="", inputs={}, **kwargs)  # the batch says which stage
        self.chosen = chosen
