"""What does one row of a call list say, and do we accept it?

One validator for CSV and JSON: both arrive as a mapping from column names to text. A row is refused
(E_), stored but never dialled (B_), or accepted, perhaps with warnings (W_).
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from dialer.core.blocks import BLOCKED_BY_FLAG
from dialer.core.calendar import stage_agrees
from dialer.core.cases import CaseRow, Debtor, DebtorType, Flag, Language, Receivable, Sex, Stage
from dialer.core.codes import Code
from dialer.core.rows.amounts import account_ending, parse_amount
from dialer.core.rows.dates import parse_date, parse_hours, parse_moment
from dialer.core.rows.numbers import callable_numbers
from dialer.core.rows.reading import (
    LONGEST_CASE_ID,
    Reading,
    matching,
    one_of,
    parse_case_id,
    parse_currency,
    parse_version,
    present,
)
from dialer.core.rows.text import composed, is_company_name, is_person_name, unsafe
from dialer.core.rows.verdicts import CampaignFacts, IntakeContext, RowVerdict, Status

# A list without flags or limitation dates is refused: a misspelt header would have us call the dead.
REQUIRED_COLUMNS = (
    "case_id", "client_id", "campaign_id", "debtor_id", "debtor_type", "last_name", "phone_1", "amount_due",
    "currency", "due_date", "stage", "flags", "limitation_date", "balance_version",
)  # fmt: skip
OPTIONAL_COLUMNS = (
    "first_name", "company_name", "sex", "name_genitive", "name_instrumental", "language", "email",
    "phone_2", "phone_3", "phone_4", "phone_5", "invoice_no", "issue_date", "account_iban", "account_last4",
    "case_no_spoken", "callback_number", "timezone", "preferred_hours", "balance_as_of",
    "block_date", "letter_date",
)  # fmt: skip
PHONE_COLUMNS = ("phone_1", "phone_2", "phone_3", "phone_4", "phone_5")

CLOCK_SKEW = timedelta(minutes=5)  # by which a sender's clock may be ahead of ours

_FLAG_SEPARATORS = re.compile(r"[;,|\s]+")
_FLAGS = frozenset(flag.value for flag in Flag)


def verdict(raw: Mapping[str, str | None], row: int, context: IntakeContext) -> RowVerdict:
    """Judge one row by itself; whether it repeats an earlier one is asked of `Repeats`.

    `raw` maps column names to text as it was sent; None, blank and absent are the same. Every reason is
    named, but unsafe text ends the reading at once.
    """
    values = present(raw)
    if codes := unsafe(values):
        return refused(row, values.get("case_id", ""), *codes)
    reading = Reading(values)
    case_id, campaign = _ownership(reading, context)
    debtor = _debtor(reading, campaign)
    receivable = _receivable(reading, campaign, context)
    case_no_spoken = reading.optional("case_no_spoken", _spoken_number)
    callback_number = reading.optional("callback_number", _callback_number)
    timezone = values.get("timezone")
    if timezone is not None and timezone not in context.zones:
        reading.codes.append(Code.E_TIMEZONE)
    preferred_hours = reading.optional("preferred_hours", parse_hours)
    flags, blocks = _flags(values.get("flags", ""))
    reading.codes.extend(blocks)
    if _is_time_barred(debtor, receivable, context.today):
        reading.codes.append(Code.B_TIME_BARRED)
    texts = [values[name] for name in PHONE_COLUMNS if name in values]
    numbers, notes = callable_numbers(texts, campaign, context.plan)
    codes = tuple(dict.fromkeys((*reading.codes, *notes)))
    if debtor is None or receivable is None or (codes and any(code.rejects for code in codes)):
        return refused(row, values.get("case_id", ""), *codes)
    is_blocked = bool(codes) and any(code.blocks for code in codes)
    case = CaseRow(
        case_id,
        values["client_id"],
        values["campaign_id"],
        debtor,
        receivable,
        flags,
        case_no_spoken,
        callback_number,
        timezone,
        preferred_hours,
    )
    status = Status.ACCEPTED_BLOCKED if is_blocked else Status.ACCEPTED
    return RowVerdict(row, case_id, status, codes, numbers, case)


def refused(row: int, case_id: str, *codes: Code) -> RowVerdict:
    return RowVerdict(row, case_id[:LONGEST_CASE_ID], Status.REJECTED, codes)


_debtor_type = one_of(DebtorType, Code.E_DEBTOR_TYPE)
_sex = one_of(Sex, Code.E_SEX)
_language = one_of(Language, Code.E_LANGUAGE)
_stage = one_of(Stage, Code.E_STAGE)
_email = matching(r"[^@\s]+@[^@\s]+\.[^@\s]+", Code.W_EMAIL)
_spoken_number = matching(r"[0-9]{1,20}", Code.E_CASE_NO_SPOKEN)
_callback_number = matching(r"\+?[0-9]{3,15}", Code.E_CALLBACK_FORMAT)


def _ownership(reading: Reading, context: IntakeContext) -> tuple[str, CampaignFacts | None]:
    """The case number, and the campaign if the client may use it."""
    case_id = reading.required("case_id", parse_case_id)
    client_id = reading.required_text("client_id")
    campaign_id = reading.required_text("campaign_id")
    allowed = context.allowed_clients
    if client_id is not None and allowed is not None and client_id not in allowed:
        reading.codes.append(Code.E_CLIENT_FORBIDDEN)
        return case_id or "", None
    campaign = context.campaigns.get(campaign_id or "")
    if campaign_id is not None and campaign is None:
        reading.codes.append(Code.E_CAMPAIGN_UNKNOWN)
    if campaign is not None and client_id is not None and campaign.client_id != client_id:
        reading.codes.append(Code.E_CLIENT_FORBIDDEN)
        return case_id or "", None
    return case_id or "", campaign


def _debtor(reading: Reading, campaign: CampaignFacts | None) -> Debtor | None:
    debtor_id = reading.required_text("debtor_id")
    kind = reading.required("debtor_type", _debtor_type)
    name = _person_name if kind is DebtorType.PERSON else _any_name
    first_name = reading.optional("first_name", name)
    last_name = reading.optional("last_name", name)
    company_name = reading.optional("company_name", _any_name)
    if ("company_name" if kind is DebtorType.COMPANY else "last_name") not in reading.values:
        reading.codes.append(Code.E_NAME_REQUIRED)
    sex = reading.optional("sex", _sex)
    if kind is DebtorType.PERSON and "sex" not in reading.values:
        reading.codes.append(Code.W_SEX_UNKNOWN)
    genitive = reading.optional("name_genitive", name)
    instrumental = reading.optional("name_instrumental", name)
    language = reading.optional("language", _language) or (campaign.language if campaign else Language.POLISH)
    email = reading.optional("email", _email)
    if debtor_id is None or kind is None:
        return None
    return Debtor(debtor_id, kind, first_name, last_name, company_name, sex, genitive, instrumental, language, email)


def _person_name(text: str) -> str | Code:
    name = composed(text)
    return name if is_person_name(name) else Code.E_NAME_CHARS


def _any_name(text: str) -> str | Code:
    name = composed(text)
    return name if is_company_name(name) else Code.E_NAME_CHARS


def _receivable(reading: Reading, campaign: CampaignFacts | None, context: IntakeContext) -> Receivable | None:
    def day(text: str) -> date | Code:
        return parse_date(text, context.today)

    amount = reading.required("amount_due", parse_amount)
    currency = reading.required("currency", parse_currency)
    invoice_no = reading.values.get("invoice_no")
    issued = reading.optional("issue_date", day)
    due = reading.required("due_date", day)
    if issued and due and due < issued:
        reading.codes.append(Code.E_DATE_ORDER)
    stage = reading.required("stage", _stage)
    if stage and campaign and stage not in campaign.stages:
        reading.codes.append(Code.E_STAGE_CAMPAIGN)
    country = campaign.holidays if campaign else None
    if stage and due and not stage_agrees(stage, due, context.today, country):
        reading.codes.append(Code.E_STAGE_DATE)
    ending = account_ending(reading.values.get("account_iban", ""), reading.values.get("account_last4", ""))
    if type(ending) is Code:
        reading.codes.append(ending)
        return None
    version = reading.required("balance_version", parse_version)
    as_of = reading.optional("balance_as_of", parse_moment)
    if as_of and as_of > context.now + CLOCK_SKEW:
        reading.codes.append(Code.E_AS_OF_FUTURE)
    limitation = reading.optional("limitation_date", day)
    block_date, letter_date = reading.optional("block_date", day), reading.optional("letter_date", day)
    if amount is None or currency is None or due is None or stage is None or version is None:
        return None
    return Receivable(
        amount, currency, invoice_no, issued, due, stage, ending, int(version), as_of, limitation, block_date,
        letter_date,
    )  # fmt: skip


def _is_time_barred(debtor: Debtor | None, receivable: Receivable | None, today: date) -> bool:
    """A time-barred claim cannot be demanded of a consumer (Civil Code, art. 117 § 2¹)."""
    if debtor is None or receivable is None or receivable.limitation_date is None:
        return False
    return debtor.type is DebtorType.PERSON and receivable.limitation_date < today


@lru_cache(maxsize=1024)
def _flags(text: str) -> tuple[frozenset[Flag], tuple[Code, ...]]:
    words = [word for word in _FLAG_SEPARATORS.split(text) if word]
    flags = [Flag(word) for word in words if word in _FLAGS]
    codes = [BLOCKED_BY_FLAG[flag] for flag in flags if flag in BLOCKED_BY_FLAG]
    if len(flags) < len(words):
        codes.append(Code.E_FLAG_UNKNOWN)
    return frozenset(flags), tuple(codes)
