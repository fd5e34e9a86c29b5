"""What is wrong with a flow as a whole?

Above all: can anything of the debt be heard before the person is identified? A flow that allows it is refused here, and
``flow/session.py`` never plays it all the same.
"""

from collections.abc import Iterator, Mapping, Sequence

from ivr.answers import Reply
from ivr.flow.located import InvalidFlow
from ivr.flow.nodes import BODY, Ask, Collect, End, Flow, Identity, Node, Note, Record, Text, said
from ivr.flow.reach import Spot, reached

# Only the person meant may say it; whoever calls us is asked by an agent.
OF_THE_PERSON = frozenset({Reply.PROMISE, Reply.DISPUTE, Reply.ALREADY_PAID})

Spots = Mapping[Spot, str]


def checked(flow: Flow) -> Flow:
    """The flow; InvalidFlow with everything that is wrong, by file and line."""
    problems = list(_dangling(flow)) or list(_wrong(flow, reached(flow)))
    if problems:
        raise InvalidFlow(problems)
    return flow


def _dangling(flow: Flow) -> Iterator[str]:
    if BODY not in flow.texts:
        yield f"{flow.place}: there is no text {BODY}: the message whose hearing is the delivery"
    elif flow.texts[BODY].tells_of_recording:
        yield f"{flow.texts[BODY].place}: {BODY} is the message itself, which is heard whether or not it is recorded"
    if flow.start not in flow.nodes:
        yield f"{flow.place}: the start {flow.start!r} is no node"
    for name, node in flow.nodes.items():
        for text in said(node):
            if text not in flow.texts:
                yield f"{node.place}: {name} says {text!r}, and there is no such text"
        if (told := [flow.texts[each] for each in said(node) if each in flow.texts]) and not _always(told):
            yield f"{node.place}: {name} says nothing where nothing is recorded"
        for to in dict.fromkeys(way.to for way in node.ways()):
            if to not in flow.nodes:
                yield f"{node.place}: {name} leads to {to!r}, and there is no such node"


def _always(texts: Sequence[Text]) -> bool:
    """Whether something is said in any case."""
    return not all(text.tells_of_recording for text in texts)


def _wrong(flow: Flow, spots: Spots) -> Iterator[str]:
    yield from _unreached(flow, spots)
    yield from _identity(flow, spots)
    yield from _disclosed(flow, spots)
    yield from _premature(flow, spots)
    yield from _endless(flow, spots)


def _unreached(flow: Flow, spots: Spots) -> Iterator[str]:
    known = {spot.node for spot in spots}
    for name, node in flow.nodes.items():
        # What is shared need not serve every flow.
        if name not in known and node.place.file == flow.place.file:
            yield f"{node.place}: no way leads to {name}"
    if not any(BODY in said(flow.nodes[name]) for name in known):
        yield f"{flow.texts[BODY].place}: no way leads to {BODY}"


def _identity(flow: Flow, spots: Spots) -> Iterator[str]:
    asking = [node for name in sorted({spot.node for spot in spots}) if _identifies(node := flow.nodes[name])]
    if flow.identity is Identity.REQUIRED and not asking:
        yield f"{flow.place}: identity is required, and no key on the way tells it"
    if flow.identity is not Identity.REQUIRED:
        for node in asking:
            yield f"{node.place}: a key tells the identity, and the flow's identity is {flow.identity}"


def _identifies(node: Node) -> bool:
    return isinstance(node, Ask) and node.identifying is not None


def _disclosed(flow: Flow, spots: Spots) -> Iterator[str]:
    for spot, keys in spots.items():
        node = flow.nodes[spot.node]
        for name in said(node) if not spot.may_be_told else ():
            for disclosed in sorted(flow.texts[name].sensitive):
                yield (
                    f"{node.place}: {spot.node} says {{{disclosed}}} of {name} before the person is identified "
                    f"({_by(keys)})"
                )


def _premature(flow: Flow, spots: Spots) -> Iterator[str]:
    for spot, keys in spots.items():
        node = flow.nodes[spot.node]
        if not isinstance(node, Note):
            continue
        if node.reply is Reply.CALL_BACK and flow.identity is not Identity.INBOUND:
            yield f"{node.place}: {spot.node} notes call_back, which is for those who call us (identity: inbound)"
        if node.reply is Reply.PROMISE and not spot.has_date:
            yield f"{node.place}: {spot.node} notes a promise before a date is taken ({_by(keys)})"
        if node.reply in OF_THE_PERSON and flow.identity is Identity.REQUIRED and not spot.may_be_told:
            yield f"{node.place}: {spot.node} notes {node.reply} before the person is identified ({_by(keys)})"


def _endless(flow: Flow, spots: Spots) -> Iterator[str]:
    """Whoever says nothing comes to an end, from everywhere."""
    for name in sorted({spot.node for spot in spots}):
        passed, at = [name], flow.nodes[name]
        while not isinstance(at, End):
            following = _by_itself(at)
            if following in passed:
                yield f"{flow.nodes[name].place}: whoever says nothing goes in circles: {' → '.join(passed)}"
                break
            passed.append(following)
            at = flow.nodes[following]


def _by_itself(node: Node) -> str:
    match node:
        case Ask():
            return node.silent
        case Collect():
            return node.otherwise
        case Record():
            return node.unrecorded
    return next(node.ways()).to


def _by(keys: str) -> str:
    return f"by the keys {' '.join(keys)}" if keys else "by no key at all"
