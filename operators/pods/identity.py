"""Who a pod belongs to: names and labels, always the same for the same task and fingerprint."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from airdub import __version__
from airdub.requests import StageRequest

if TYPE_CHECKING:
    from airflow.sdk import Context

TASK = "airdub/task"
FINGERPRINT = "airdub/fingerprint"
NUMBER = "airdub/number"
KEPT = "airdub/kept"
"""Marks a failed pod that was looked at and is only kept for people."""

OURS = {"app.kubernetes.io/name": "airdub", "app.kubernetes.io/component": "stage"}
"""Labels of every stage's pod, by which network policies and the sweeper know it."""

_OWNER = "airdub/owner"
_REQUEST = "airdub/request"
_DIGEST_CHARS = 32


@dataclass(frozen=True)
class TaskIdentity:
    """One task of one run, whatever its try."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1

    @classmethod
    def of(cls, context: Context) -> TaskIdentity:
        """The task that is being executed."""
        ti = context["ti"]
        index = ti.map_index if ti.map_index is not None else -1
        return cls(str(ti.dag_id), str(context["run_id"]), str(ti.task_id), index)

    @property
    def digest(self) -> str:
        """Short enough for a label."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]

    def annotations(self, request: StageRequest) -> dict[str, str]:
        """What labels can't hold: whole names, for people and the sweeper."""
        return {
            _OWNER: json.dumps(asdict(self), sort_keys=True),
            _REQUEST: request.request_key,
        }

    @classmethod
    def read(cls, pod: dict[str, Any]) -> TaskIdentity | None:
        """Whose pod it is; None when it doesn't say so."""
        written = (pod["metadata"].get("annotations") or {}).get(_OWNER, "")
        try:
            return cls(**json.loads(written))
        except (ValueError, TypeError):
            return None


def asked_folder(pod: dict[str, Any]) -> str:
    """Folder of the request that a pod was made for; "" when it doesn't say so."""
    written = (pod["metadata"].get("annotations") or {}).get(_REQUEST, "")
    return str(written).rpartition("/requests/")[0]


def pod_labels(request: StageRequest, task: TaskIdentity, number: int) -> dict[str, str]:
    """Labels of a pod: whose it is, and what it makes."""
    from airflow.providers.cncf.kubernetes.pod_generator import make_safe_label_value

    asked = request.asked_by
    told = {"title": asked.title_id, "language": asked.language, "stage": request.stage}
    return {
        **OURS,
        "app.kubernetes.io/version": make_safe_label_value(__version__),
        **{f"airdub/{name}": make_safe_label_value(value) for name, value in told.items()},
        "airdub/attempt": str(asked.attempt),
        TASK: task.digest,
        FINGERPRINT: short(request.fingerprint),
        NUMBER: str(number),
    }


def pod_name(request: StageRequest, task: TaskIdentity, number: int) -> str:
    """The pod's name: of two who create the same one, the server refuses the second."""
    stage = request.stage.replace("_", "-")
    return f"airdub-{stage}-{task.digest[:12]}-{request.fingerprint[:12]}-{number}"


def short(fingerprint: str) -> str:
    """A fingerprint that fits into a label."""
    return fingerprint[:_DIGEST_CHARS]


def selector(**labels: str) -> str:
    """Selects our pods that also have these labels: `task=`, `fingerprint=`."""
    wanted = OURS | {f"airdub/{name}": value for name, value in labels.items()}
    return ",".join(f"{name}={value}" for name, value in sorted(wanted.items()))
