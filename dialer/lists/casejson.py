"""Which rows does this JSON batch hold, or why can it not be read?

A `calllist/1` document carries its head once; every case becomes the same kind of row as a CSV line, so that
one validator serves both. A case of the wrong shape is refused alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from pydantic import ValidationError

from dialer.core.codes import Code
from dialer.core.moments import can_be_meant
from dialer.core.plan import Mailing
from dialer.lists import jsonrows
from dialer.lists.calllist import BadRow, FileProblem, RawRow, Warned

MOST_CASES = 50_000  # of one document, by its schema
MOST_PHONES = 5  # of one case


@dataclass(frozen=True, slots=True)
class BatchHead:
    batch_id: str
    client_id: str
    campaign_id: str
    as_of: datetime
    mode: Literal["upsert", "replace"]
    mailing: Mailing


@dataclass(frozen=True, slots=True)
class JsonBatch:
    head: BatchHead
    rows: Iterator[RawRow | BadRow]
    warnings: tuple[Warned, ...]


def read_json(body: bytes) -> JsonBatch:
    """A calllist/1 document. Raises FileProblem; a detail of F_JSON names the byte, of F_SCHEMA the field."""
    document = jsonrows.document(body, _DOCUMENT)
    if not can_be_meant(document.as_of):
        raise FileProblem(Code.F_SCHEMA, f"{document.as_of.year} is no year of a list - at `$.as_of`")
    head = BatchHead(
        document.batch_id,
        document.client_id,
        document.campaign_id,
        document.as_of,
        document.mode,
        _mailing(document.mailing),
    )
    warnings = () if document.cases else (Warned(Code.W_NO_ROWS, "no cases"),)
    return JsonBatch(head, _rows(document.cases, head.client_id, head.campaign_id), warnings)


def read_ndjson(body: bytes, client_id: str, campaign_id: str, first: int = 1) -> Iterator[RawRow | BadRow]:
    """One case object per line, of a part that begins with row ``first``; a malformed line is refused alone."""
    return _rows(jsonrows.lines(body), client_id, campaign_id, first)


Moment = Annotated[datetime, Meta(tz=True)]


class _Document(Struct, forbid_unknown_fields=True):
    schema: Literal["calllist/1"]
    batch_id: Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]
    client_id: str
    campaign_id: str
    as_of: Moment
    mode: Literal["upsert", "replace"]
    cases: Annotated[list[msgspec.Raw], Meta(max_length=MOST_CASES)]
    mailing: dict[str, Any] = {}


class _Spoken(Struct, forbid_unknown_fields=True):
    genitive: str | None = None
    instrumental: str | None = None


class _Debtor(Struct, forbid_unknown_fields=True):
    id: str
    type: str
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    sex: str | None = None
    language: str | None = None
    spoken: _Spoken = msgspec.field(default_factory=_Spoken)


class _Phone(Struct, forbid_unknown_fields=True):
    number: str
    priority: Annotated[int, Meta(ge=1, le=9)] = 9


class _Receivable(Struct, forbid_unknown_fields=True):
    amount: str
    currency: str
    due_date: str
    stage: str
    balance_version: Annotated[int, Meta(ge=0)]
    invoice_no: str | None = None
    issue_date: str | None = None
    account_last4: str | None = None
    balance_as_of: str | None = None
    block_date: str | None = None
    letter_date: str | None = None


class _Case(Struct, forbid_unknown_fields=True):
    case_id: str
    debtor: _Debtor
    phones: Annotated[list[_Phone], Meta(max_length=MOST_PHONES)]
    receivable: _Receivable
    flags: list[str] = []
    limitation_date: str | None = None
    preferred_hours: str | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)
_CASE = msgspec.json.Decoder(_Case)
_PRIORITY = attrgetter("priority")
_PHONES = [f"phone_{place}" for place in range(1, MOST_PHONES + 1)]


def _mailing(settings: Mapping[str, Any]) -> Mailing:
    try:
        return Mailing.model_validate(settings)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, ("$.mailing", *problem["loc"])))
        raise FileProblem(Code.F_SCHEMA, f"{problem['msg']} - at `{where}`") from error


def _rows(
    cases: Iterable[jsonrows.Encoded], client_id: str, campaign_id: str, first: int = 1
) -> Iterator[RawRow | BadRow]:
    head = {"client_id": client_id, "campaign_id": campaign_id}
    return jsonrows.raw_rows(cases, lambda case: head | _values(_CASE.decode(case)), first)


def _values(case: _Case) -> dict[str, str | None]:
    """A case under the names of the CSV columns, its numbers in their order of priority."""
    debtor, receivable = case.debtor, case.receivable
    phones = sorted(case.phones, key=_PRIORITY)
    return {
        "case_id": case.case_id,
        "debtor_id": debtor.id,
        "debtor_type": debtor.type,
        "first_name": debtor.first_name,
        "last_name": debtor.last_name,
        "company_name": debtor.company_name,
        "sex": debtor.sex,
        "name_genitive": debtor.spoken.genitive,
        "name_instrumental": debtor.spoken.instrumental,
        "language": debtor.language,
        "amount_due": receivable.amount,
        "currency": receivable.currency,
        "invoice_no": receivable.invoice_no,
        "issue_date": receivable.issue_date,
        "due_date": receivable.due_date,
        "stage": receivable.stage,
        "account_last4": receivable.account_last4,
        "flags": ";".join(case.flags),
        "limitation_date": case.limitation_date,
        "preferred_hours": case.preferred_hours,
        "balance_version": str(receivable.balance_version),
        "balance_as_of": receivable.balance_as_of,
        "block_date": receivable.block_date,
        "letter_date": receivable.letter_date,
        **{name: phone.number for name, phone in zip(_PHONES, phones, strict=False)},
    }
