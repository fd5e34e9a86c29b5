"""What follows from what callees told us with keys? In the transaction that writes down how their calls ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import case_changes, suppressions
from dialer.adapters.store.callable import IS_CALLABLE
from dialer.adapters.store.case_stamps import changing_at
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.feed import append
from dialer.core.answers import NO_ANSWERS, Answers, Reply
from dialer.core.blocks import CaseChange
from dialer.core.cases import Dispute, PromiseState
from dialer.core.feed import CALLEE, EventType, FeedEvent
from dialer.core.replies import wish
from dialer.ports.store import Conclusion

_DEBTOR = (
    sa.select(debtors.c.client_id, debtors.c.ref)
    .join(contacts, contacts.c.debtor_id == debtors.c.id)
    .where(contacts.c.id == sa.bindparam("contact"))
)
_SPOKEN_OF = (
    sa.select(
        cases.c.id, cases.c.case_id, cases.c.amount, cases.c.currency, cases.c.campaign_id,
        contacts.c.id.label("contact_id"),
    )
    .join(contacts, (contacts.c.debtor_id == cases.c.debtor_id) & (contacts.c.campaign_id == cases.c.campaign_id))
    .where(IS_CALLABLE)
    .order_by(cases.c.id)
)  # fmt: skip
_OF_CONTACT = _SPOKEN_OF.where(contacts.c.id == sa.bindparam("contact"))
OF_DEBTOR = _SPOKEN_OF.where(contacts.c.debtor_id == sa.bindparam("debtor"))


@dataclass(slots=True)
class Follows:
    """What is still to be told."""

    events: list[FeedEvent] = field(default_factory=list)
    altered: list[tuple[case_changes.Altered, datetime]] = field(default_factory=list)
    kept: list[tuple[suppressions.Kept, datetime]] = field(default_factory=list)


def has_said(conclusion: Conclusion) -> bool:
    """Whether anything follows from what the callee answered."""
    message = conclusion.call.message
    return message is not None and (message.answers.is_identified or bool(message.answers.replies))


def written(answers: Answers) -> Mapping[str, Any] | None:
    """As an attempt's row keeps them."""
    if answers == NO_ANSWERS:
        return None
    return {
        "identified": answers.is_identified,
        "replies": list(answers.replies),
        "promised": answers.promised and answers.promised.isoformat(),
        "recording": answers.recording,
        "keys": answers.keys,
        "announced": answers.is_announced,
    }


def carry_out(connection: sa.Connection, closing: Sequence[Conclusion]) -> Follows:
    """``closing``: attempts whose rows, and those of their contacts, are written already."""
    follows = Follows()
    for each in filter(has_said, closing):
        _carry_out(connection, each, follows)
    return follows


def tell(connection: sa.Connection, follows: Follows) -> None:
    """To be called last in its transaction."""
    append(connection, follows.events)
    for altered, at in follows.altered:
        case_changes.tell(connection, altered, CALLEE, at)
    for kept, at in follows.kept:
        suppressions.tell(connection, kept, CALLEE, at)


def _carry_out(connection: sa.Connection, each: Conclusion, follows: Follows) -> None:
    assert each.call.message is not None  # noqa: S101  has_said
    contact = {"contact": each.attempt.contact_id}
    client_id, debtor_ref = connection.execute(_DEBTOR, contact).one()
    at, answers = each.call.ended_at or each.attempt.started_at, each.call.message.answers
    said = Said(client_id, answers, at, each.attempt.id, is_served=each.call.joined_at is not None)
    follow(connection, said, connection.execute(_OF_CONTACT, contact).all(), follows)
    for reply in answers.replies:
        if asked := wish(reply, each.attempt.number, client_id, debtor_ref):
            follows.kept.append((suppressions.keep(connection, asked, CALLEE, at), at))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody told us with keys."""

    client_id: str
    answers: Answers
    at: datetime
    attempt_id: str | None = None  # None: they called us
    is_served: bool = False  # an agent spoke with them, too


def follow(connection: sa.Connection, said: Said, spoken_of: Sequence[Any], follows: Follows) -> None:
    """What follows for the cases that it is about, rows of ``_SPOKEN_OF``."""
    for row in spoken_of:
        follows.events += [_event(said, row, *told) for told in _told(said, row)]
    _note_on_cases(connection, said, [row.id for row in spoken_of])
    if Reply.DISPUTE in said.answers.replies:
        change = CaseChange(dispute=Dispute.OPEN)
        for row in spoken_of:
            altered = case_changes.alter(connection, said.client_id, row.case_id, change, CALLEE, said.at)
            follows.altered.append((altered, said.at))


def _told(said: Said, case: Any) -> Iterator[tuple[EventType, Mapping[str, Any]]]:
    answers = said.answers
    if answers.is_identified:
        yield EventType.IDENTITY_CONFIRMED, {}
    if answers.promised is not None:
        amount = str(Decimal(case.amount).scaleb(-2))
        yield EventType.PROMISE_MADE, {
            "by": answers.promised.isoformat(), "amount": amount, "currency": case.currency,
        }  # fmt: skip
    if Reply.ALREADY_PAID in answers.replies:
        yield EventType.PAID_CLAIMED, {}
    if Reply.AGENT in answers.replies and not said.is_served:
        yield EventType.AGENT_WANTED, {}


def _event(said: Said, row: Any, type_: EventType, body: Mapping[str, Any]) -> FeedEvent:
    return FeedEvent(
        type_, said.at, said.client_id, row.case_id, CALLEE, row.campaign_id, row.contact_id, said.attempt_id,
        dict(body),
    )  # fmt: skip


def _note_on_cases(connection: sa.Connection, said: Said, ids: Sequence[int]) -> None:
    noted = dict[str, object]()
    if said.answers.promised is not None:
        noted |= {
            "promised_by": said.answers.promised,
            "promised_amount": cases.c.amount,
            "promised_at": said.at,
            "promised_in": said.attempt_id,
            "promise_state": PromiseState.OPEN,
            "promise_reminded": None,
        }
    if Reply.ALREADY_PAID in said.answers.replies:
        noted["paid_claimed_at"] = said.at
    if noted and ids:
        noted["changed_at"] = changing_at(connection, said.at)
        connection.execute(cases.update().where(cases.c.id.in_(ids)).values(noted))
