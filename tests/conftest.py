"""Fixtures that every test may use."""

pytest_plugins = ["tests.support.laboratory", "tests.support.postgres", "tests.support.stores"]
