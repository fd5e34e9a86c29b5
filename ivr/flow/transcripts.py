"""Which ways lead through a flow, and what is heard on each?

Every answer that can be given at a node is given there once, at the end of a shortest way to that node; what follows is
silence. So every way from one node to another is on the page, and the page can be read.
"""

from collections import deque
from collections.abc import Iterator

from ivr.flow.passage import LEAVES, SILENCE, Passage
from ivr.flow.session import Doing, FlowScript
from ivr.flow.speech import Segment
from ivr.session import Outcome

Answers = tuple[str, ...]
Spot = tuple[str, bool, Doing]


def transcript(script: FlowScript) -> str:
    """All that may be said, then every way."""
    ways = [passage_after(script, answers) for answers in sorted(every_way(script))]
    spoken: dict[str, dict[str, None]] = {}
    for way in ways:
        for each in way.passed:
            if isinstance(each, Segment) and each.text:
                spoken.setdefault(each.text, {})[each.words] = None
    lines = [f"flow {script.flow.name}, identity {script.flow.identity}", ""]
    lines += [f"{name}: {' '.join(sentences)}" for name, sentences in spoken.items()]
    lines += ["", *(_line(way) for way in ways)]
    return "\n".join(lines) + "\n"


def every_way(script: FlowScript) -> Iterator[Answers]:
    """The answers of each way, from the answer of the call to its end."""
    expanded: set[Spot] = set()
    waiting: deque[Answers] = deque([()])
    while waiting:
        answers = waiting.popleft()
        passage = passage_after(script, answers)
        if passage.outcome:
            yield answers
            continue
        spot = (passage.at.at, passage.at.may_be_told, passage.at.doing)
        following = [SILENCE] if spot in expanded else list(passage.answers())
        expanded.add(spot)
        waiting.extend((*answers, each) for each in following)


def passage_after(script: FlowScript, answers: Answers) -> Passage:
    """A call in which the callee has given these answers."""
    passage = Passage.begin(script)
    for each in answers:
        passage.answer(each)
    return passage


def told(outcome: Outcome) -> str:
    """What came of a call, in a line."""
    answers = outcome.answers
    replies = [f"{each} by {answers.promised}" if each == "promise" else each for each in answers.replies]
    parts = [
        f"message {outcome.how}",
        "identified" if answers.is_identified else "not identified",
        *replies,
        *(["recorded"] if answers.recording else []),
        f"ended by {outcome.ended_by}",
    ]
    return ", ".join(parts)


def _line(way: Passage) -> str:
    steps: list[str] = []
    for each in way.passed:
        step = _step(each)
        if isinstance(each, str) or steps[-1:] != [step]:
            steps.append(step)
    return f"{' '.join(steps)} → {told(way.outcome) if way.outcome else 'goes on'}"


def _step(passed: Segment | str) -> str:
    if isinstance(passed, Segment):
        return passed.text or f"({passed.words})"
    return "[leaves]" if passed == LEAVES else f"[{passed}]"
