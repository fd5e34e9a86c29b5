"""Which flow do YAML files describe?

A flow's own file may ``use`` others: shared texts and nodes. All that is wrong is told at once, by file and line.
docs/flows.md shows the format.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from audio.grammar import Language
from audio.template import InvalidTemplate, Template
from ivr.answers import Reply
from ivr.flow import nodes
from ivr.flow.located import InvalidFlow, Located, located
from ivr.flow.nodes import DIGITS_OF_DATE, KEYS, OFFERS, ROUNDS, WAIT, Collects, Flow, Identity, Node, Text, Way

MOST_ROUNDS = 5
MOST_DIGITS = 20
LONGEST_RECORDING = timedelta(minutes=2)

RECORDED = "recorded"
_FLOW = ("flow", "stage", "identity", "start")
_SHARED = ("use", "texts", "nodes", "language")


def parsed(file: str, sources: Mapping[str, str]) -> Flow:
    """The flow of that file; ``sources`` has its text and those that it uses, by their names.

    Only what a line alone tells is judged here; ``flow/checks.py`` judges the whole.

    Raises:
        InvalidFlow: with every problem.
    """
    problems: list[str] = []
    main = located(file, sources[file], problems)
    fields = main.fields(_FLOW, (*_SHARED, "tone_approval"))
    language = _language(fields)
    parts = [*_used(fields, language, sources, problems), fields]
    texts = _texts(_merged("texts", parts), language)
    found = {name: node for name, each in _merged("nodes", parts).items() if (node := _node(name, each))}
    name, stage, start = (_name(fields.get(each)) for each in ("flow", "stage", "start"))
    identity = fields["identity"].one_of(Identity) if "identity" in fields else ""
    approval = _tone_approval(fields["tone_approval"]) if "tone_approval" in fields else None
    if problems:
        raise InvalidFlow(problems)
    return Flow(
        name=name,
        stage=stage,
        language=language,
        identity=Identity(identity),
        start=start,
        texts=texts,
        nodes=found,
        place=main.place,
        tone_approval=approval,
    )


def _tone_approval(found: Located) -> nodes.ToneApproval:
    fields = found.fields(["by", "words"])
    return nodes.ToneApproval(_name(fields.get("by")), _names(fields.get("words")))


def _language(fields: Mapping[str, Located]) -> Language:
    said = fields["language"].one_of(Language) if "language" in fields else Language.POLISH
    return Language(said) if said in list(Language) else Language.POLISH


def _used(
    fields: Mapping[str, Located], language: Language, sources: Mapping[str, str], problems: list[str]
) -> list[dict[str, Located]]:
    parts = []
    for each in fields["use"].listed() if "use" in fields else []:
        name = each.text()
        if name in sources:
            part = located(name, sources[name], problems).fields((), ("texts", "nodes", "language"))
            if (theirs := _language(part)) is not language:
                each.complain(f"{name} is in {theirs}, the flow in {language}")
            parts.append(part)
        elif name:
            each.complain(f"there is no {name!r} to be used; there are: {', '.join(sorted(sources))}")
    return parts


def _merged(what: str, parts: list[dict[str, Located]]) -> dict[str, Located]:
    merged: dict[str, Located] = {}
    for part in parts:
        for name, each in part[what].entries().items() if what in part else ():
            if name in merged:
                each.complain(f"{name!r} is there already, at {merged[name].place}")
            merged[name] = each
    return merged


def _texts(found: Mapping[str, Located], language: Language) -> dict[str, Text]:
    whole = {
        name: Text(name, (_template(each, language),), each.place)
        for name, each in found.items()
        if not each.is_mapping
    }
    for name, each in found.items():
        if each.is_mapping and RECORDED in each.entries():
            said = _template(each.fields([RECORDED])[RECORDED], language)
            whole[name] = Text(name, (said,), each.place, tells_of_recording=True)
    for name, each in found.items():
        if each.is_mapping and name not in whole:
            whole[name] = Text(name, tuple(_alternatives(each, whole)), each.place)
    return whole


def _alternatives(choice: Located, texts: Mapping[str, Text]) -> list[Template]:
    chosen: list[Template] = []
    for each in choice.fields(["first_of"]).get("first_of", choice).listed():
        name = each.text()
        if name in texts:
            chosen += texts[name].alternatives
        elif name:
            each.complain(f"there is no text {name!r}")
    return chosen


def _template(text: Located, language: Language) -> Template:
    try:
        return Template.parse(text.text(), language)
    except InvalidTemplate as error:
        for problem in error.problems:
            text.complain(problem)
        return Template((), greets=False, language=language)


def _node(name: str, each: Located) -> Node | None:
    if not each.is_mapping:
        if each.text() != "hang_up":
            each.complain(f"{name!r} is no node: a mapping or hang_up is expected here")
        return nodes.End(place=each.place)
    fields = each.entries()
    kind = next((kind for kind in _KINDS if kind in fields), None)
    if kind is None:
        each.complain(f"{name!r} is no node: it has none of {', '.join(_KINDS)}")
        return None
    return _KINDS[kind](each)


def _say(each: Located) -> Node:
    fields = each.fields(["say", "next"])
    return nodes.Say(texts=_names(fields.get("say")), next=_name(fields.get("next")), place=each.place)


def _ask(each: Located) -> Node:
    fields = each.fields(["ask", "keys", "silent"], ["say", "identity", "rounds", "wait"])
    keys = _keys(fields.get("keys"))
    if "identity" in fields:
        key = fields["identity"].one_of(keys)
        if key in keys:
            keys[key] = Way(keys[key].to, key, identifies=True, takes=keys[key].takes)
    return nodes.Ask(
        before=_names(fields.get("say")),
        texts=_names(fields.get("ask")),
        keys=keys,
        silent=_name(fields.get("silent")),
        rounds=_rounds(fields),
        wait=_wait(fields),
        place=each.place,
    )


def _collect(each: Located) -> Node:
    fields = each.fields(["collect", "takes", "next", "otherwise"], ["digits", "rounds", "wait"])
    what = fields["takes"].one_of(Collects) if "takes" in fields else Collects.DATE
    if what == Collects.DIGITS and "digits" not in fields:
        each.complain("missing: digits")
    if what == Collects.DATE and "digits" in fields:
        fields["digits"].complain(f"a date is always typed with {DIGITS_OF_DATE} digits")
    return nodes.Collect(
        texts=_names(fields.get("collect")),
        what=Collects(what) if what in list(Collects) else Collects.DATE,
        digits=fields["digits"].count(MOST_DIGITS) if "digits" in fields else DIGITS_OF_DATE,
        next=_name(fields.get("next")),
        otherwise=_name(fields.get("otherwise")),
        rounds=_rounds(fields),
        wait=_wait(fields),
        place=each.place,
    )


def _record(each: Located) -> Node:
    fields = each.fields(["record", "next", "unrecorded", "limit"], ["keys"])
    limit = fields["limit"].span() if "limit" in fields else LONGEST_RECORDING
    if limit > LONGEST_RECORDING:
        fields["limit"].complain(f"nothing is recorded for longer than {LONGEST_RECORDING}")
    return nodes.Record(
        texts=_names(fields.get("record")),
        keys=_keys(fields.get("keys")),
        next=_name(fields.get("next")),
        unrecorded=_name(fields.get("unrecorded")),
        limit=limit,
        place=each.place,
    )


def _agent(each: Located) -> Node:
    fields = each.fields(["agent"])
    inner = fields["agent"].fields(["otherwise"], ["call_back"]) if "agent" in fields else {}
    call_back = _name(inner["call_back"]) if "call_back" in inner else None
    return nodes.Agent(otherwise=_name(inner.get("otherwise")), call_back=call_back, place=each.place)


def _wait_node(each: Located) -> Node:
    fields = each.fields(["wait", "next"])
    length = fields["wait"].span() if "wait" in fields else WAIT
    return nodes.Wait(length=length, next=_name(fields.get("next")), place=each.place)


def _outcome(each: Located) -> Node:
    fields = each.fields(["outcome", "next"])
    reply = fields["outcome"].one_of(Reply) if "outcome" in fields else ""
    known = Reply(reply) if reply in list(Reply) else Reply.AGENT
    return nodes.Note(reply=known, next=_name(fields.get("next")), place=each.place)


_KINDS: Mapping[str, Callable[[Located], Node]] = {
    "ask": _ask,
    "collect": _collect,
    "record": _record,
    "agent": _agent,
    "wait": _wait_node,
    "outcome": _outcome,
    "say": _say,
}


def _keys(found: Located | None) -> dict[str, Way]:
    return {} if found is None else {key: _way(key, each) for key, each in found.entries().items()}


def _way(key: str, each: Located) -> Way:
    if len(key) != 1 or key not in KEYS:
        each.complain(f"{key!r} is no key of a telephone: {KEYS}")
    if not each.is_mapping:
        return Way(each.text(), key)
    fields = each.fields(["takes", "next"])
    takes = fields["takes"].one_of(OFFERS) if "takes" in fields else None
    return Way(_name(fields.get("next")), key, takes=takes)


def _name(found: Located | None) -> str:
    return "" if found is None else found.text()


def _names(found: Located | None) -> tuple[str, ...]:
    return () if found is None else tuple(each.text() for each in found.listed())


def _rounds(fields: Mapping[str, Located]) -> int:
    return fields["rounds"].count(MOST_ROUNDS) if "rounds" in fields else ROUNDS


def _wait(fields: Mapping[str, Located]) -> timedelta:
    return fields["wait"].span() if "wait" in fields else WAIT
