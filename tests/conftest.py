"""Settings of all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Machines are busy at times: how long an example takes says nothing about what is tested.
settings.register_profile("airdub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("airdub")
