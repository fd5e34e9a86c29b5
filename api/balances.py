"""How do balances come in over HTTP, and what does the receipt say?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.body import JSON, PROBLEMS_OF_FILES, taken
from api.files import FORMATS, format_of, refused
from api.operations import Answer, Asked, Nothing, operation
from api.repeats import long_answer
from api.shown import Notice
from api.stopped import Stopped
from dialer.calloff import Found
from dialer.cases.settle import Receipt
from dialer.core.balances import BalanceStatus, BalanceVerdict
from dialer.lists.balancefile import BalanceFile
from dialer.lists.calllist import FileProblem, Format

PORTION = 1000  # rows of the receipt that are written in one go


class BalancesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    encoding: Annotated[str, Field(max_length=20)] | None = Field(
        default=None,
        description="of CSV, if it is not UTF-8; the charset of Content-Type does as well",
        examples=["cp1250"],
    )
    rows: Literal["all", "refused"] = Field(
        default="all", description="which rows the receipt names: every one, or only those that were not taken"
    )


class Changed(BaseModel):
    """What goes on otherwise."""

    contacts: int = Field(description="owe another sum: their message is made anew")
    contacts_reopened: int = Field(description="called again: a case of theirs is owed again")
    messages_going_on: int = Field(description="speak of the former sum to whoever listens to them now")


class Past(BaseModel):
    """What could not be stopped any more, of those who have paid."""

    contacts: int = Field(description="were not to be called any more before, for other reasons")
    calls: int = Field(description="had been made, those that were up now not counted")
    calls_just_ended: int = Field(description="ended by themselves while the balances were taken")


class BalanceRowShown(BaseModel):
    row: int = Field(description="counts the records behind the header from 1")
    case_id: str
    status: BalanceStatus
    codes: list[str] = Field(description="why it was not taken (E_, D_), or what was odd about it (W_)")

    @classmethod
    def of(cls, verdict: BalanceVerdict) -> Self:
        return cls(row=verdict.row, case_id=verdict.case_id, status=verdict.status, codes=list(verdict.codes))


class ReceiptShown(BaseModel):
    """What has become of the balances. True when it is given: what it calls stopped does not ring any more."""

    received_at: datetime
    counts: dict[str, int] = Field(description="`rows`, and rows by status")
    stopped: Stopped
    changed: Changed
    past: Past
    notices: list[Notice]
    rows: list[BalanceRowShown]

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Without the rows: they are many."""
        settled = receipt.settled
        return cls(
            received_at=receipt.received_at,
            counts={"rows": len(receipt.verdicts)}
            | {status.value: receipt.counts.get(status, 0) for status in BalanceStatus},
            stopped=Stopped.of(receipt.settled.finished, receipt.calls),
            changed=Changed(
                contacts=settled.changed,
                contacts_reopened=settled.reopened,
                messages_going_on=sum(each.may_go_on for each in receipt.calls),
            ),
            past=Past(
                contacts=settled.already_finished,
                calls=settled.calls_before,
                calls_just_ended=sum(each.found is Found.ENDED for each in receipt.calls),
            ),
            notices=[
                Notice(about=each.code, detail=f"{each.code.meaning}: {each.detail}") for each in receipt.warnings
            ],
            rows=[],
        )


_ROWS = TypeAdapter(list[BalanceRowShown])


@operation(
    "Send balances",
    {HTTPStatus.OK: Answer("The receipt.", ReceiptShown)},
    problems=PROBLEMS_OF_FILES,
    uploads=tuple(FORMATS),
    headers={"Content-Encoding": "gzip, or left out"},
    is_long=True,
)
async def take(asked: Asked[BalancesQuery, Nothing]) -> web.StreamResponse:
    """Takes what is owed of cases, in one transaction, and stops the calls of those who have paid before it answers.

    Columns, or names in JSON objects: `case_id`, `balance`, `currency`, `version`; `client_id` (needed with the
    operator's key), `as_of`, `reason`, `paid_amount`, `paid_at`. JSON is `{"balances": [{…}, …]}`, NDJSON an object on
    each line. A higher version is newer; older and repeated ones change nothing, so that a file may be sent again.
    """
    format_ = format_of(asked.request)
    limits = asked.service.limits
    async with taken(asked.request, asked.service.spool, limits.balances, limits) as body:
        encoding = (asked.query.encoding or asked.request.charset) if format_ is Format.CSV else None
        try:
            receipt = await asked.service.engine.settlement.settle(
                BalanceFile(asked.client_id, format_, body, encoding), asked.actor
            )
        except FileProblem as problem:
            raise refused(problem) from problem
    asked.metrics.balances_taken(receipt.counts)
    verdicts = [each for each in receipt.verdicts if asked.query.rows == "all" or not each.status.is_taken]
    if len(verdicts) <= PORTION:
        return web.Response(body=b"".join(_parts(receipt, verdicts)), content_type=JSON)
    # Tens of thousands of rows written in one go would hold up the calls.
    return await long_answer(asked.request, asked.service, JSON, _parts(receipt, verdicts))


def _parts(receipt: Receipt, verdicts: Sequence[BalanceVerdict]) -> Iterator[bytes]:
    head = ReceiptShown.of(receipt).model_dump_json().encode()
    yield head.removesuffix(b"]}")  # of the rows, which come last
    for first in range(0, len(verdicts), PORTION):
        rows = [BalanceRowShown.of(each) for each in verdicts[first : first + PORTION]]
        yield (b"," if first else b"") + _ROWS.dump_json(rows)[1:-1]
    yield b"]}"
