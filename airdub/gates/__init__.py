"""The release gate: thresholds, and a verdict on a table of metrics. Pure; fails closed.

Whatever is missing, no number, measured on nothing, measured on something else, unknown, told
twice or told in other units never passes. A verdict lists every reason, not the first.
"""

from airdub.gates.judge import judge
from airdub.gates.thresholds import GateProfile, Threshold, gate_names, load_gates
from airdub.gates.verdict import Check, Code, Consequence, Outcome, Reason, Verdict

__all__ = [
    "Check",
    "Code",
    "Consequence",
    "GateProfile",
    "Outcome",
    "Reason",
    "Threshold",
    "Verdict",
    "gate_names",
    "judge",
    "load_gates",
]
