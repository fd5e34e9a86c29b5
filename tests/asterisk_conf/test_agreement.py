"""Do asterisk_conf/ and the code mean the same? Whoever changes one side alone is told here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dialer.adapters.ami import contract, talking
from dialer.adapters.ami.legs import before_ringing
from dialer.adapters.ami.modules import APPLICATIONS, CORE, MODULES
from dialer.config import Settings
from dialer.core.listening import ListenMode
from ivr.lines import nailed_up, ringing
from ivr.request import INBOUND
from lab.configuration import ASTERISK_CONF
from tests.support.asterisk_config import Step, category, steps

# Granted for what is to come: nothing in the code asks for it yet.
READ_FOR_LATER = {"user"}
EVENTS_FOR_LATER = {"Shutdown", "BridgeLeave", "UserEvent", "DeviceStateChange"}


def text(name: str) -> str:
    return (ASTERISK_CONF / name).read_text("utf-8")


def message() -> list[Step]:
    """What an answered call runs."""
    found = steps(category(text("extensions_dzwonek.conf"), contract.CONTEXT))
    return [step for step in found if step.extension == contract.EXTENSION]


def leg() -> list[Step]:
    """Where an agent's telephone waits."""
    found = steps(category(text("extensions_dzwonek.conf"), contract.CONTEXT))
    return [step for step in found if step.extension == contract.LEG_EXTENSION]


def assigned() -> dict[str, str]:
    """The variables that are set before the engine is asked."""
    before = [step.application for step in message()]
    before = before[: next(place for place, each in enumerate(before) if each.startswith("AGI("))]
    pairs = (re.fullmatch(r"Set\((\w+)=(.*)\)", each) for each in before)
    return {pair[1]: pair[2] for pair in pairs if pair}


def listed(name: str) -> set[str]:
    [value] = category(text("manager_dzwonek.conf"), "dzwonek-rights").values(name)
    return set(value.split(","))


def row(what: str) -> str:
    """The value of a line in the README's table."""
    [value] = (cells[2].strip() for line in text("README.md").splitlines() if (cells := line.split("|"))[1:2] == [what])
    return value


def code(words: str) -> list[str]:
    return re.findall(r"`([^`]+)`", words)


def test_an_originated_call_finds_its_extension() -> None:
    context = category(text("extensions_dzwonek.conf"), contract.CONTEXT)
    first = next(value for key, value in context.settings if key == "exten")
    assert first.split(",")[:2] == [contract.EXTENSION, contract.PRIORITY]
    assert {step.extension for step in steps(context)} == {
        contract.EXTENSION,
        contract.LEG_EXTENSION,
        contract.RING_EXTENSION,
        *contract.EAR_EXTENSIONS.values(),
    }


def test_a_telephone_that_is_called_for_a_caller_joins_the_group_that_it_is_sent_with() -> None:
    found = steps(category(text("extensions_dzwonek.conf"), contract.CONTEXT))
    ring = [step.application for step in found if step.extension == contract.RING_EXTENSION]
    assert ring == [f"Set({contract.GROUP_VARIABLE}=${{ARG1}})", "Return()"]


def test_an_agents_telephone_waits_for_one_caller_after_another() -> None:
    """Bridge leads it back to the line after the one in which it waits."""
    waits = next(place for place, step in enumerate(leg()) if step.label == "wait")
    assert leg()[waits + 1].application == "Goto(wait)"
    assert [variable for variable in ("DZWONEK_BEEP", "DZWONEK_MUSIC") if variable not in str(leg())] == []


@pytest.mark.parametrize(
    ("mode", "options"), [(ListenMode.LISTEN, "q"), (ListenMode.WHISPER, "qw"), (ListenMode.BARGE, "qB")]
)
def test_a_supervisor_hears_the_group_of_one_agent(mode: ListenMode, options: str) -> None:
    found = steps(category(text("extensions_dzwonek.conf"), contract.CONTEXT))
    group = contract.GROUP.format(agent=f"${{{contract.EAR_VARIABLE}}}")
    assert [step.application for step in found if step.extension == contract.EAR_EXTENSIONS[mode]] == [
        f"ChanSpy(,{options}g({group}))",
        "Hangup()",
    ]


def test_the_dialplan_sets_the_variables_that_fastagi_counts_on_and_no_others() -> None:
    agi = {name: value for name, value in assigned().items() if name.startswith("AGI")}
    assert agi == contract.AGI_VARIABLES
    assert set(assigned()) - set(agi) == {"DZWONEK_AGI"}


def test_talking_is_told_of_where_the_engine_asks_for_it_and_after_the_answer() -> None:
    wanted = f"${{{contract.TALK_VARIABLE}}}"
    [switched_on] = (step.application for step in message() if contract.TALK_VARIABLE in step.application)
    assert switched_on == f'ExecIf($["{wanted}" != ""]?Set(TALK_DETECT(set)={wanted}))'


def test_check_asks_for_the_modules_of_everything_that_the_dialplan_and_fastagi_name() -> None:
    dialplan = [line for line in text("extensions_dzwonek.conf").splitlines() if not line.lstrip().startswith(";")]
    named = set(re.findall(r"(?<![A-Za-z])([A-Z][A-Za-z_]+)\(", "\n".join(dialplan)))
    ways = {nailed_up("leg").application, ringing("PJSIP/anna", timedelta(seconds=1), "here").application}
    assert named | ways | {"MixMonitor"} == {*APPLICATIONS, *(CORE & (named | ways))}
    assert set(APPLICATIONS.values()) <= {module.name for module in MODULES}
    for module in MODULES:
        assert f"`{module.name}`" in text("README.md"), module


def test_the_dialplan_asks_where_the_engine_listens() -> None:
    [asked] = (step.application for step in message() if step.application.startswith("AGI("))
    assert asked == f"AGI(agi://${{DZWONEK_AGI}}{contract.AGI_ROUTE})"
    assert assigned()["DZWONEK_AGI"] == Settings().agi_listen


def test_calls_to_us_are_led_to_the_engine_and_refused_by_default() -> None:
    found = steps(category(text("extensions_dzwonek.conf"), contract.INBOUND_CONTEXT))
    applications = [step.application for step in found]
    assert f"AGI(agi://${{DZWONEK_AGI}}{contract.INBOUND_ROUTE})" in applications
    assert contract.INBOUND_ROUTE == INBOUND
    assert applications[-1] == "Hangup(21)"
    assert not [each for each in applications if each.startswith("Answer")], (
        "the engine answers, if it knows the number"
    )
    assert applications[0] == "Set(AGISIGHUP=no)"


def test_the_user_has_the_rights_that_the_engine_needs_and_no_others() -> None:
    assert listed("read") == contract.READ_PERMISSIONS | READ_FOR_LATER
    assert listed("write") == contract.WRITE_PERMISSIONS


def test_the_filter_lets_the_events_through_that_the_engine_follows_and_no_others() -> None:
    rights = category(text("manager_dzwonek.conf"), "dzwonek-rights")
    named = {found[1] for key, _ in rights.settings if (found := re.search(r"name\((\w+)\)", key))}
    assert named == contract.FILTERED_EVENTS | EVENTS_FOR_LATER


def test_the_engine_logs_in_as_the_user_that_the_files_speak_of() -> None:
    assert Settings().ami_user == contract.USER
    for name in ("manager_dzwonek.conf", "README.md"):
        assert f"[{contract.USER}](dzwonek-rights)" in text(name), name


def test_the_readme_tells_what_is() -> None:
    assert code(row(" Originate: `Context`, `Exten`, `Priority` ")) == [
        contract.CONTEXT,
        contract.EXTENSION,
        contract.PRIORITY,
    ]
    assert code(row(" Originate of an agent's leg: `Context`, `Exten`, `Priority` ")) == [
        contract.CONTEXT,
        contract.LEG_EXTENSION,
        contract.PRIORITY,
    ]
    assert code(row(" Originate of an agent's leg: `Variable` "))[0] == "SPYGROUP=dzwonek-<agent>"
    assert f"{contract.GROUP_VARIABLE}={contract.GROUP.format(agent='<agent>')}" == "SPYGROUP=dzwonek-<agent>"
    assert code(row(" Dial of an agent's telephone, `leg: ring` "))[0] == f"b({before_ringing('<agent>')})"
    assert code(row(" Originate, and Redirect, of a supervisor's telephone: `Context`, `Exten`, `Priority` ")) == [
        contract.CONTEXT,
        *contract.EAR_EXTENSIONS.values(),
        contract.PRIORITY,
    ]
    assert code(row(" Originate of a supervisor's telephone: `Variable` ")) == [f"{contract.EAR_VARIABLE}=<agent>"]
    assert code(row(" Originate: `Variable` "))[0] == dict(talking.wanted())["Variable"]
    assert code(row(" FastAGI address ")) == [
        f"agi://${{DZWONEK_AGI}}{contract.AGI_ROUTE}",
        "DZWONEK_AGI",
        Settings().agi_listen,
    ]
    assert code(row(" channel variable `AGISIGHUP` "))[0] == contract.AGI_VARIABLES["AGISIGHUP"]
    rights = code(row(" AMI user "))
    assert [set(each.partition(" = ")[2].split(",")) for each in rights] == [listed("read"), listed("write")]
    assert set(row(" AMI events ").split(", ")) == contract.FILTERED_EVENTS | EVENTS_FOR_LATER


def test_the_readme_dials_as_the_engine_does() -> None:
    [channel] = code(row(" Originate: `Channel` "))
    assert channel == Settings().dial.format(number="<number in E.164>", digits="", trunk="<trunk>")
