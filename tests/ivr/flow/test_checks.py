import pytest

from ivr.flow import shipped
from tests.ivr.flow.test_reading import GOOD, changed, problems


@pytest.mark.parametrize(
    ("line", "to", "problem"),
    [
        ("BODY: ", "OTHER: ", "a.yaml:1: there is no text BODY"),
        ("start: who", "start: nowhere", "a.yaml:1: the start 'nowhere' is no node"),
        ("ask: WHO", "ask: WHAT", "a.yaml:10: who says 'WHAT', and there is no such text"),
        ("{1: message}", "{1: massage}", "a.yaml:10: who leads to 'massage', and there is no such node"),
        ("  end: hang_up", "  end: hang_up\n  lost: {say: WHO, next: end}", "a.yaml:16: no way leads to lost"),
        ("{1: message}", "{1: end}", "a.yaml:7: no way leads to BODY"),
        ("    identity: 1\n", "", "a.yaml:1: identity is required, and no key on the way tells it"),
        ("identity: required", "identity: none", "a.yaml:10: a key tells the identity"),
        ("WHO: Czy to pan Jan?", "WHO: {recorded: Tak.}", "a.yaml:10: who says nothing where nothing is recorded"),
        ("next: end}", "next: asked}\n  asked: {outcome: call_back, next: end}", "a.yaml:15: asked notes call_back"),
        ("silent: end", "silent: who", "a.yaml:10: whoever says nothing goes in circles: who"),
    ],
)  # fmt: skip
def test_a_flow_that_cannot_be_followed_is_refused(line: str, to: str, problem: str) -> None:
    assert any(each.startswith(problem) for each in problems(changed(line, to))), problems(changed(line, to))


@pytest.mark.parametrize(
    ("line", "to", "by"),
    [
        ("silent: end", "silent: message", "by no key at all"),
        ("{1: message}", "{1: message, 2: message}", "by the keys 2"),
        ("ask: WHO", "ask: [WHO, BODY]", "by no key at all"),
        ("ask: WHO", "say: BODY\n    ask: WHO", "by no key at all"),
        ("    identity: 1\n", "", "by the keys 1"),
        ("WHO: Czy to pan Jan?", "WHO: {first_of: [ONE, BODY]}\n  ONE: Czy to pan Jan?", "by no key at all"),
    ],
)
def test_nothing_of_the_debt_may_be_reached_before_the_identity(line: str, to: str, by: str) -> None:
    told = problems(changed(line, to))

    assert any("says {amount} of" in each and f"before the person is identified ({by})" in each for each in told), told


def test_a_promise_needs_a_day() -> None:
    text = changed("{say: BODY, next: end}", "{say: BODY, next: promised}") + (
        "  promised: {outcome: promise, next: end}\n"
    )

    assert problems(text) == ["a.yaml:16: promised notes a promise before a date is taken (by the keys 1)"]


@pytest.mark.parametrize("reply", ["dispute", "already_paid"])
def test_only_the_person_may_speak_for_the_person(reply: str) -> None:
    text = changed("silent: end", "silent: noted") + f"  noted: {{outcome: {reply}, next: end}}\n"

    [problem] = problems(text)

    assert problem.startswith(f"a.yaml:16: noted notes {reply} before the person is identified")


@pytest.mark.parametrize("reply", ["wrong_number", "opt_out", "agent"])
def test_anybody_may_say_that_it_is_the_wrong_number_or_ask_for_peace(reply: str) -> None:
    text = changed("silent: end", "silent: noted") + f"  noted: {{outcome: {reply}, next: end}}\n"

    assert shipped.flow(text, "a.yaml", {}).nodes["noted"]


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_flow_is_right(name: str) -> None:
    assert shipped.load(name).name == name


def test_a_flow_needs_nobody_to_be_asked_where_everybody_may_hear_it() -> None:
    text = GOOD.replace("identity: required", "identity: none", 1).replace("    identity: 1\n", "")
    harmless = text.replace('"Kwota do zapłaty: {amount}."', "Prosimy o kontakt.")

    assert shipped.flow(harmless, "a.yaml", {}).texts["BODY"]
