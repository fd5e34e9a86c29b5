"""Which trunks do the settings name?"""

import json
from pathlib import Path

import pytest

from dialer.config import ConfigurationProblem, Settings
from dialer.config_files import routes_in
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits

ENTRY = {"name": "main", "calls_per_second": 5, "concurrent_calls": 30}


def settings(**given: object) -> Settings:
    return Settings.read({f"DZWONEK_{name.upper()}": str(value) for name, value in given.items()})


def test_one_trunk_needs_no_file() -> None:
    one = settings(trunk="mine", calls_per_second=2.5, concurrent_calls=7, outstanding_calls=9)
    assert routes_in(one) == [Route("mine", TrunkLimits(2.5, 7, 9))]


def test_a_file_names_several(tmp_path: Path) -> None:
    file = tmp_path / "trunks.json"
    file.write_text(json.dumps([ENTRY, ENTRY | {"name": "reserve", "order": 2}]))
    assert [(route.name, route.order) for route in routes_in(settings(trunks=file))] == [("main", 1), ("reserve", 2)]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (ENTRY | {"dial": "PJSIP/123"}, "dial of main=PJSIP/123 names no"),
        (ENTRY | {"dial": "PJSIP/{number}@{carrier}"}, "only {number}, {digits} and {trunk}"),
        (ENTRY | {"concurrent_calls": 0}, "0.concurrent_calls"),
    ],
)
def test_what_cannot_be_dialled_over_is_named(tmp_path: Path, entry: dict[str, object], named: str) -> None:
    file = tmp_path / "trunks.json"
    file.write_text(json.dumps([entry]))
    with pytest.raises(ConfigurationProblem, match=named):
        routes_in(settings(trunks=file))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblem, match=r"none\.json cannot be read: No such file"):
        routes_in(settings(trunks=tmp_path / "none.json"))


def test_limits_must_be_positive() -> None:
    with pytest.raises(ConfigurationProblem, match="positive"):
        routes_in(settings(calls_per_second=0))
