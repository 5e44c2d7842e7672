"""Settings of all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Machines are busy at times: how long an example takes says nothing about what is tested.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# The same examples on every machine, so that a change is judged by what it changes alone.
settings.register_profile("airdub", _PATIENT, derandomize=True)
# For those who look for more: pytest --hypothesis-profile search tests/unit/airdub
settings.register_profile("search", _PATIENT, max_examples=1000)
settings.load_profile("airdub")
