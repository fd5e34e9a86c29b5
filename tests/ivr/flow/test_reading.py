import textwrap

import pytest

from ivr.flow import shipped
from ivr.flow.located import LONGEST_FILE, InvalidFlow
from ivr.flow.nodes import Ask

GOOD = """\
flow: greeting
stage: overdue
identity: required
start: who
texts:
  WHO: Czy to pan Jan?
  BODY: "Kwota do zapłaty: {amount}."
nodes:
  who:
    ask: WHO
    keys: {1: message}
    identity: 1
    silent: end
  message: {say: BODY, next: end}
  end: hang_up
"""


def problems(text: str, **used: str) -> list[str]:
    with pytest.raises(InvalidFlow) as refused:
        shipped.flow(text, "a.yaml", {f"{name}.yaml": each for name, each in used.items()})
    return list(refused.value.problems)


def changed(line: str, to: str) -> str:
    assert line in GOOD
    return GOOD.replace(line, to)


def test_a_flow_is_read_as_it_is_written() -> None:
    flow = shipped.flow(GOOD, "a.yaml", {})

    who = flow.nodes["who"]
    assert isinstance(who, Ask)
    assert (who.texts, who.silent, who.rounds, who.wait.total_seconds()) == (("WHO",), "end", 2, 6)
    assert who.identifying == who.keys["1"]


@pytest.mark.parametrize(
    ("line", "to", "problem"),
    [
        ("stage: overdue\n", "", "a.yaml:1: missing: stage"),
        ("stage: overdue", "steige: overdue", "a.yaml:2: there is no field 'steige' here"),
        ("identity: required", "identity: perhaps", "a.yaml:3: 'perhaps' is none of: required, none, inbound"),
        ("{amount}", "{ammount}", "a.yaml:7: unknown variable {ammount}"),
        ("keys: {1: message}", "keys: {q: message}", "a.yaml:11: 'q' is no key of a telephone"),
        ("keys: {1: message}", "keys: {1: message, 1: end}", "a.yaml:11: '1' comes twice"),
        ("identity: 1", "identity: 2", "a.yaml:12: '2' is none of: 1"),
        ("silent: end", "silent: end\n    rounds: none", "a.yaml:14: a number from 1 to 5 is expected here"),
        ("silent: end", "silent: end\n    wait: soon", "a.yaml:14: a time such as 6s or 500ms is expected here"),
        ("end: hang_up", "end: stop", "a.yaml:15: 'end' is no node: a mapping or hang_up is expected here"),
        ("{say: BODY, next: end}", "{sing: BODY}", "a.yaml:14: 'message' is no node: it has none of ask, collect"),
        ("{say: BODY, next: end}", "{say: BODY}", "a.yaml:14: missing: next"),
        ("{say: BODY, next: end}", "[say, BODY", "a.yaml:15: expected ',' or ']'"),
        ("start: who", "start: who\nuse: other.yaml", "a.yaml:5: there is no 'other.yaml' to be used"),
        ("WHO: Czy to pan Jan?", "WHO: {first_of: [A, BODY]}", "a.yaml:6: there is no text 'A'"),
        ("WHO: Czy to pan Jan?", "WHO: ''", "a.yaml:6: a text is expected here"),
        ("WHO: Czy to pan Jan?", "WHO: [jeden, dwa]", "a.yaml:6: a text is expected here"),
        ("keys: {1: message}", "keys: message", "a.yaml:11: a mapping (name: value) is expected here"),
        ("{1: message}", "{1: {takes: tomorrow, next: end}}", "a.yaml:11: 'tomorrow' is none of: today, promise_d1"),
        ("{say: BODY, next: end}", "{outcome: sold, next: end}", "a.yaml:14: 'sold' is none of: promise, dispute"),
        (
            "{say: BODY, next: end}", "{collect: BODY, takes: digits, next: end, otherwise: end}",
            "a.yaml:14: missing: digits",
        ),
        (
            "{say: BODY, next: end}", "{collect: BODY, takes: date, digits: 6, next: end, otherwise: end}",
            "a.yaml:14: a date is always typed with 4 digits",
        ),
        (
            "{say: BODY, next: end}", "{record: BODY, limit: 5min, next: end, unrecorded: end}",
            "a.yaml:14: nothing is recorded for longer than",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_file_and_line(line: str, to: str, problem: str) -> None:
    assert any(each.startswith(problem) for each in problems(changed(line, to))), problems(changed(line, to))


def test_every_problem_is_told_at_once() -> None:
    text = changed("identity: required", "identity: perhaps").replace("{amount}", "{ammount}")

    assert [each.split(":")[1] for each in problems(text)] == ["7", "3"]


def test_a_problem_of_a_shared_file_names_that_file() -> None:
    shared = "nodes:\n  bye: {say: BODY}\n"

    assert problems(changed("start: who", "start: who\nuse: bye.yaml"), bye=shared) == ["bye.yaml:2: missing: next"]


def test_nothing_shared_is_silently_replaced() -> None:
    shared = "texts:\n  WHO: Kto mówi?\n"

    [problem] = problems(changed("start: who", "start: who\nuse: who.yaml"), who=shared)

    assert problem == "a.yaml:7: 'WHO' is there already, at who.yaml:2"


@pytest.mark.parametrize(
    "text",
    ["", "- 1\n- 2\n", "!!python/object/apply:os.system [ls]", "[" * 5000, "a: &a [*a]", " " * (LONGEST_FILE + 1)],
)
def test_nothing_that_is_no_flow_does_harm(text: str) -> None:
    assert problems(text)


def test_a_value_is_what_is_written_and_nothing_else() -> None:
    text = textwrap.dedent(GOOD).replace("start: who", "start: no").replace("  who:", "  no:")

    assert shipped.flow(text, "a.yaml", {}).start == "no"
