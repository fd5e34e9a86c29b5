from datetime import timedelta

import pytest

from ivr.answering import Answering
from ivr.meaning import of_answering
from ivr.message import Message
from ivr.protocol import Reply
from ivr.session import (
    NOTHING,
    Answer,
    CalleeGone,
    CalleePresent,
    Clip,
    EndedBy,
    HangUp,
    Happening,
    How,
    Lost,
    Play,
    Stopped,
)

MESSAGE = Message((Clip("/sounds/hello", timedelta(seconds=1)),))


def test_a_call_is_answered_before_anything_is_said() -> None:
    ringing, first = Answering(MESSAGE).begin()
    _, then = ringing.after(CalleePresent())

    assert (first, then) == (Answer(), Play("/sounds/hello", timedelta(seconds=1)))


@pytest.mark.parametrize(
    ("happening", "by"),
    [(CalleeGone(), EndedBy.CALLEE), (Lost(NOTHING), EndedBy.FAILURE), (Stopped(NOTHING), EndedBy.US)],
)
def test_whoever_leaves_before_has_heard_nothing(happening: Happening, by: EndedBy) -> None:
    ringing, _ = Answering(MESSAGE).begin()
    _, act = ringing.after(happening)

    assert isinstance(act, HangUp)
    assert (act.outcome.ended_by, act.outcome.how, act.outcome.heard) == (by, How.NONE, NOTHING)


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        (Reply(200, "0", ""), CalleePresent()),
        (Reply(200, "-1", ""), CalleeGone()),
        (Reply(511, "", ""), CalleeGone()),
        (Reply(510, "", ""), Lost(NOTHING)),
    ],
)
def test_the_switch_says_whether_the_call_was_answered(reply: Reply, means: Happening) -> None:
    assert of_answering(reply) == means
