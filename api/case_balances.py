"""Which balances of a case were taken, one after another?"""

from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, Field

from api.cases import CaseQuery, client_of
from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import Limit, going_on
from api.problems import not_found
from dialer.core.cases import Currency
from dialer.ports.store import BalanceView


class CaseBalancesQuery(CaseQuery):
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(
        default=0, description="the last `version` of the page before"
    )
    limit: Limit = 100


class BalanceShown(BaseModel):
    """A balance that was taken."""

    version: int
    balance: Decimal = Field(description="what was owed then")
    as_of: datetime | None
    reason: str | None = Field(description="why it changed, in the sender's word")
    paid_amount: Decimal | None
    paid_at: date | None
    actor: str = Field(description="who sent it")
    received_at: datetime

    @classmethod
    def of(cls, taken: BalanceView) -> Self:
        return cls(
            version=taken.version,
            balance=taken.amount,
            as_of=taken.as_of,
            reason=taken.reason,
            paid_amount=taken.paid_amount,
            paid_at=taken.paid_at,
            actor=taken.actor,
            received_at=taken.received_at,
        )


class CaseBalancesShown(BaseModel):
    client_id: str
    case_id: str
    currency: Currency
    balances: list[BalanceShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation("See the balances of a case", {HTTPStatus.OK: Answer("A page, by version.", CaseBalancesShown)})
async def list_all(asked: Asked[CaseBalancesQuery, Nothing]) -> web.StreamResponse:
    """Those that were taken after its call list, whose own balance is not among them."""
    client_id, case_id, query = client_of(asked), asked.path["case_id"], asked.query
    case = await asked.service.store.case(client_id, case_id)
    if case is None:
        raise not_found(f"case {case_id}")
    found = await asked.service.store.balances(case.key, query.after, query.limit)
    shown = CaseBalancesShown(
        client_id=client_id,
        case_id=case_id,
        currency=Currency(case.currency),
        balances=[BalanceShown.of(each) for each in found],
        next=going_on(asked.request, query, found[-1].version) if len(found) == query.limit else None,
    )
    return reply(shown)
