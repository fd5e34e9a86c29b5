"""Do the files that stand beside somebody's Asterisk keep their promises?"""

from __future__ import annotations

import re

import pytest

from lab.configuration import ASTERISK_CONF
from tests.support.asterisk_config import category, parse, steps


def text(name: str) -> str:
    return (ASTERISK_CONF / name).read_text("utf-8")


@pytest.mark.parametrize("name", ["manager_dzwonek.conf", "pjsip_dzwonek.conf", "extensions_dzwonek.conf"])
def test_no_password_is_in_the_files(name: str) -> None:
    assert not [key for each in parse(text(name)) for key, _ in each.settings if key in ("secret", "password")]


def test_including_the_manager_file_opens_no_account() -> None:
    assert all(each.is_template for each in parse(text("manager_dzwonek.conf")))


def test_the_engine_may_not_administer_the_pbx() -> None:
    rights = category(text("manager_dzwonek.conf"), "dzwonek-rights")
    assert rights.values("write") == ["originate,call,reporting"]
    assert rights.values("permit") == ["127.0.0.1/255.255.255.255"]


def test_events_are_chosen_by_their_exact_name() -> None:
    rights = category(text("manager_dzwonek.conf"), "dzwonek-rights")
    filters = [key for key, _ in rights.settings if key.startswith("eventfilter")]
    assert filters
    assert all(re.fullmatch(r"eventfilter\(action\(include\),name\(\w+\)\)", each) for each in filters)


def test_an_answered_call_asks_the_engine_and_then_ends() -> None:
    found = steps(category(text("extensions_dzwonek.conf"), "dzwonek"))
    applications = [step.application for step in found if step.extension == "message"]
    assert applications[0] == "Set(AGISIGHUP=no)"
    assert "AGI(agi://${DZWONEK_AGI}/message)" in applications
    assert applications[-1] == "Hangup()"


def test_a_trunk_speaks_a_law_first_and_notices_silence() -> None:
    trunk = category(text("pjsip_dzwonek.conf"), "dzwonek-trunk")
    assert trunk.values("allow") == ["alaw,ulaw"]
    assert int(trunk.values("rtp_timeout")[0]) > 0
    assert {name: trunk.values(name) for name in ("timers", "direct_media", "send_connected_line")} == {
        "timers": ["no"],
        "direct_media": ["no"],
        "send_connected_line": ["no"],
    }


def test_the_sample_uses_only_templates_that_exist() -> None:
    templates = {each.name for each in parse(text("pjsip_dzwonek.conf")) if each.is_template}
    used = {name for each in parse(text("pjsip_dzwonek.conf.sample")) for name in each.templates}
    assert used == templates
