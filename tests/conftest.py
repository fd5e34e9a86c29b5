"""Fixtures that every test may use."""

import gc
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.laboratory", "tests.support.postgres", "tests.support.stores"]

# How long an example takes says something of the machine; what is fast is measured in bench/.
settings.register_profile("dzwonek", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dzwonek")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and all they import stay to the end: nobody looks for garbage among them, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
