from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from dialer.trials.compare import OURS, POLICIES, Outcome, Trial, summaries
from dialer.trials.floor import Counts
from dialer.trials.plot import Line, abandoned_so_far, svg, utilisation
from dialer.trials.worlds import World

BRIEF = World("brief", 5, lasts=timedelta(minutes=30))
BEGINS = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("policy", list(POLICIES))
def test_every_policy_can_be_compared(policy: str) -> None:
    outcome = Trial(BRIEF, policy, 1).run()

    assert 0.2 < outcome.utilisation < 1.0
    assert outcome.counts.live_answers > 10


def test_seeds_of_one_policy_are_summed_up() -> None:
    trials = [Trial(BRIEF, policy, seed) for policy in (OURS, "progressive") for seed in (1, 2)]

    ours, progressive = summaries(trials, processes=1)

    assert [ours.policy, progressive.policy] == [OURS, "progressive"]
    assert [each.seed for each in ours.outcomes] == [1, 2]
    assert progressive.abandoned == progressive.most_abandoned == 0.0


def test_the_worst_hour_is_found_in_the_course() -> None:
    crowded = Trial(replace(BRIEF, lasts=timedelta(hours=2)), "VICIdial tapered", 1).run()

    assert crowded.worst_hour >= crowded.abandoned > 0.1


def test_a_few_minutes_at_the_end_are_no_hour() -> None:
    steady, minutes = Counts(live_answers=25, abandoned=1), Counts(live_answers=10, abandoned=2)

    def lasted(course: list[Counts]) -> Outcome:
        return Outcome(BRIEF, OURS, 1, Counts(), course, timedelta(hours=1), is_finished=True, called=1.0)

    assert lasted([steady] * 12).worst_hour == pytest.approx(1 / 25)
    assert lasted([*[steady] * 12, minutes]).worst_hour == pytest.approx((11 + 2) / (11 * 25 + 10))
    assert lasted([minutes]).worst_hour == pytest.approx(2 / 10), "there is no more"
    assert lasted([*[minutes] * 12, *[steady] * 6]).worst_hour == pytest.approx(2 / 10), "nor does it hide one"


def test_processes_change_nothing() -> None:
    trials = [Trial(BRIEF, "progressive", seed) for seed in (1, 2, 3)]

    assert list(summaries(trials, processes=1)) == list(summaries(trials, processes=2))


def test_the_course_is_drawn_with_the_limit_and_a_line_for_each_policy() -> None:
    outcome = Trial(BRIEF, "VICIdial tapered", 1).run()

    drawing = ET.fromstring(svg([Line("a < b", outcome.course)], BEGINS, 0.03))

    tags = [element.tag.rpartition("}")[2] for element in drawing]
    assert tags.count("polyline") == 3, "who was there, who was busy, what was abandoned"
    assert tags.count("line") == 1
    assert "a < b" in [element.text for element in drawing]
    assert len(utilisation(outcome.course)) == len(outcome.course)
    assert abandoned_so_far(outcome.course)[-1] == pytest.approx(outcome.abandoned)
