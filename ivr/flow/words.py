"""What is said in a flow to one debtor? Every text in its sentences, for whatever the callee may press."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from audio.sentences import Sentence as Spoken
from audio.template import Template, UnspeakableValue
from ivr.flow.nodes import OFFERS, TAKEN, Flow, Text, said
from ivr.flow.reach import reached

GREETING = "{greeting}."  # said by the callee's clock at the moment of answering, so it is chosen then
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one call: the callee's day, and by which days payment may be promised."""

    today: date
    last_promise: date
    offers: Mapping[str, date]  # the days of OFFERS
    may_be_told: bool = False  # of the debt, whoever listens: nobody is asked who it is

    def dates(self) -> Iterator[date]:
        """Every day by which payment may be promised."""
        for ahead in range((self.last_promise - self.today).days + 1):
            yield self.today + ahead * DAY


def terms(today: date, offered: Sequence[date], last_promise: date, *, may_be_told: bool = False) -> Terms:
    """``offered``: the days of one key each, besides today."""
    days = (today, *offered)
    return Terms(today, last_promise, dict(zip(OFFERS, days, strict=True)), may_be_told)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is rendered as one piece of audio; whether it tells of the debt, and whether it is about one person."""

    words: str
    is_sensitive: bool
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of each text, and of those that name the promised day, for each day."""

    texts: Mapping[str, tuple[Sentence, ...]]
    dated: Mapping[tuple[str, date], tuple[Sentence, ...]]

    def __iter__(self) -> Iterator[Sentence]:
        """Each sentence once, the greeting left out."""
        every = (each for said in (*self.texts.values(), *self.dated.values()) for each in said)
        return (each for each in dict.fromkeys(every) if each.words != GREETING)


def words(flow: Flow, values: Mapping[str, object], given: Terms) -> Words:
    """Raises UnspeakableValue when a text that may be reached cannot be said to this debtor."""
    values = {**values, **given.offers}
    plain: dict[str, tuple[Sentence, ...]] = {}
    dated: dict[tuple[str, date], tuple[Sentence, ...]] = {}
    for spot in reached(flow, may_be_told=given.may_be_told):
        for name in said(flow.nodes[spot.node]):
            text = flow.texts[name]
            if text.names_date and spot.has_date:
                for day in given.dates():
                    dated[name, day] = _sentences(text, {**values, TAKEN: day}, given.today, (*OFFERS, TAKEN))
            elif name not in plain:
                plain[name] = _sentences(text, values, given.today, OFFERS)
    return Words(plain, dated)


def _sentences(text: Text, values: Mapping[str, object], today: date, shared: Sequence[str]) -> tuple[Sentence, ...]:
    """``shared``: the days that may be promised are nobody's own."""
    template, said = _said(text, values, today, shared)
    spoken = tuple(Sentence(each.words, bool(template.sensitive), each.is_personal) for each in said)
    return (Sentence(GREETING, is_sensitive=False), *spoken) if template.greets else spoken


def _said(
    text: Text, values: Mapping[str, object], today: date, shared: Sequence[str]
) -> tuple[Template, Sequence[Spoken]]:
    """The first alternative that is certain for the debtor."""
    *others, last = text.alternatives
    for template in others:
        try:
            return template, template.sentences(values, today=today, shared=shared)
        except UnspeakableValue:
            continue
    return last, last.sentences(values, today=today, shared=shared)
