"""Fixtures that every test may use."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.laboratory", "tests.support.postgres", "tests.support.stores"]

# How long an example takes says something of the machine; what is fast is measured in bench/.
settings.register_profile("dzwonek", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dzwonek")
