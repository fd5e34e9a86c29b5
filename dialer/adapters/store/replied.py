"""What follows from what callees told us with keys? In the transaction that writes down how their calls ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import case_changes, suppressions
from dialer.adapters.store.callable import IS_CALLABLE
from dialer.adapters.store.feed import append
from dialer.adapters.store.tables import cases, contacts, debtors
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
    sa.select(cases.c.id, cases.c.case_id, cases.c.amount, cases.c.currency)
    .join(contacts, (contacts.c.debtor_id == cases.c.debtor_id) & (contacts.c.campaign_id == cases.c.campaign_id))
    .where(contacts.c.id == sa.bindparam("contact"), IS_CALLABLE)
    .order_by(cases.c.id)
)


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
    answers, at = each.call.message.answers, each.call.ended_at or each.attempt.started_at
    contact = {"contact": each.attempt.contact_id}
    client_id, debtor_ref = connection.execute(_DEBTOR, contact).one()
    spoken_of = connection.execute(_SPOKEN_OF, contact).all()
    for row in spoken_of:
        is_served = each.call.joined_at is not None
        follows.events += [
            _event(each, client_id, row.case_id, at, *told) for told in _told(answers, row, is_served=is_served)
        ]
    _note_on_cases(connection, each, [row.id for row in spoken_of], at)
    if Reply.DISPUTE in answers.replies:
        change = CaseChange(dispute=Dispute.OPEN)
        for row in spoken_of:
            altered = case_changes.alter(connection, client_id, row.case_id, change, CALLEE, at)
            follows.altered.append((altered, at))
    for reply in answers.replies:
        if asked := wish(reply, each.attempt, client_id, debtor_ref):
            follows.kept.append((suppressions.keep(connection, asked, CALLEE, at), at))


def _told(answers: Answers, case: Any, *, is_served: bool) -> Iterator[tuple[EventType, Mapping[str, Any]]]:
    if answers.is_identified:
        yield EventType.IDENTITY_CONFIRMED, {}
    if answers.promised is not None:
        amount = str(Decimal(case.amount).scaleb(-2))
        yield EventType.PROMISE_MADE, {
            "by": answers.promised.isoformat(), "amount": amount, "currency": case.currency,
        }  # fmt: skip
    if Reply.ALREADY_PAID in answers.replies:
        yield EventType.PAID_CLAIMED, {}
    if Reply.AGENT in answers.replies and not is_served:
        yield EventType.AGENT_WANTED, {}


def _event(
    each: Conclusion, client_id: str, case_id: str, at: datetime, type_: EventType, body: Mapping[str, Any]
) -> FeedEvent:
    attempt = each.attempt
    return FeedEvent(
        type_, at, client_id, case_id, CALLEE, attempt.campaign_id, attempt.contact_id, attempt.id, dict(body)
    )


def _note_on_cases(connection: sa.Connection, each: Conclusion, ids: Sequence[int], at: datetime) -> None:
    assert each.call.message is not None  # noqa: S101  has_said
    answers, noted = each.call.message.answers, dict[str, object]()
    if answers.promised is not None:
        noted |= {
            "promised_by": answers.promised,
            "promised_amount": cases.c.amount,
            "promised_at": at,
            "promised_in": each.attempt.id,
            "promise_state": PromiseState.OPEN,
            "promise_reminded": None,
        }
    if Reply.ALREADY_PAID in answers.replies:
        noted["paid_claimed_at"] = at
    if noted and ids:
        connection.execute(cases.update().where(cases.c.id.in_(ids)).values(noted))
