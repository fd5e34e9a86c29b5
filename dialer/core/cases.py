"""What is a case, as a call list describes it?"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum


class DebtorType(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class Sex(StrEnum):
    MALE = "M"
    FEMALE = "F"


class Language(StrEnum):
    POLISH = "pl"
    ENGLISH = "en"
    UKRAINIAN = "uk"
    GERMAN = "de"


class Currency(StrEnum):
    PLN = "PLN"
    EUR = "EUR"
    USD = "USD"
    GBP = "GBP"
    CZK = "CZK"


class Stage(StrEnum):
    """How far a receivable has gone, and so what the call is about."""

    INVOICE_ISSUED = "invoice_issued"
    PRE_DUE = "pre_due"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    DEMAND = "demand"
    BLOCK_NOTICE = "block_notice"
    REGISTRY_NOTICE = "registry_notice"
    CALLBACK = "callback"


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED_PAID = "closed_paid"  # nothing is owed any more
    CLOSED_CANCELLED = "closed_cancelled"  # nothing was owed: a dispute was right


class Dispute(StrEnum):
    """What has become of a debtor's objection to the claim."""

    OPEN = "open"
    EXPLAINED = "explained"  # the debtor has an answer, and has not agreed yet
    UPHELD = "upheld"  # the debtor is right: the case is closed
    REJECTED = "rejected"  # the claim stands: calls go on

    @property
    def blocks(self) -> bool:
        """Whether nobody is called about the case meanwhile."""
        return self is not Dispute.REJECTED


class Hold(StrEnum):
    """What the client has ordered of its case, whatever its lists say."""

    PAUSED = "paused"  # nobody is called about it until it is resumed
    STOPPED = "stopped"  # nobody is called about it any more


class CaseOrder(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class HoldReason(StrEnum):
    """Why a client holds its case; words of its own belong into the note."""

    AGREEMENT = "agreement"  # instalments, a later date, a settlement out of court
    COMPLAINT = "complaint"
    LETTERS = "letters"  # the debtor and the client write to each other
    MISTAKE = "mistake"  # the case should not have been sent, or says something wrong
    RECALLED = "recalled"  # the client collects by itself, or not at all
    OTHER = "other"


class Flag(StrEnum):
    """What the creditor knows about the case."""

    ATTORNEY = "attorney"
    DECEASED = "deceased"
    DISPUTE = "dispute"
    DO_NOT_CALL = "do_not_call"
    INSOLVENCY = "insolvency"
    INSTALMENTS = "instalments"
    MINOR = "minor"
    NO_VOICE = "no_voice"
    VULNERABLE = "vulnerable"
    WRONG_NUMBER_REPORTED = "wrong_number_reported"


@dataclass(frozen=True, slots=True)
class PreferredHours:
    """Wall-clock hours [opens, closes) at which the debtor would like to be called."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who owes. The case forms of the name are the sender's; without them a neutral frame is spoken."""

    id: str
    type: DebtorType
    first_name: str | None
    last_name: str | None  # always there for a person
    company_name: str | None  # always there for a company
    sex: Sex | None
    name_genitive: str | None
    name_instrumental: str | None
    language: Language
    email: str | None


@dataclass(frozen=True, slots=True)
class Receivable:
    """What is owed."""

    amount: Decimal  # positive, two decimals
    currency: Currency
    invoice_no: str | None
    issue_date: date | None
    due_date: date  # as invoiced, not moved off free days
    stage: Stage
    account_last4: str | None  # no more of the account is kept
    balance_version: int
    balance_as_of: datetime | None
    limitation_date: date | None  # the last day on which the claim can be demanded
    block_date: date | None = None  # from which services may be suspended
    letter_date: date | None = None  # on which the demand went out that names the registry


class PromiseState(StrEnum):
    """What has become of a promise to pay."""

    OPEN = "open"
    KEPT = "kept"  # the balance has fallen by what was promised
    BROKEN = "broken"  # its day and the days of grace have passed without that
    VOID = "void"  # nothing was owed


@dataclass(frozen=True, slots=True)
class Promise:
    """The last that was made of a case."""

    by: date
    amount: Decimal
    state: PromiseState = PromiseState.OPEN


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row, read: values with types instead of text."""

    case_id: str
    client_id: str
    campaign_id: str
    debtor: Debtor
    receivable: Receivable
    flags: frozenset[Flag]
    case_no_spoken: str | None  # digits
    callback_number: str | None  # digits, perhaps with a plus
    timezone: str | None  # IANA; None: that of the number's country
    preferred_hours: PreferredHours | None
    promise: Promise | None = None  # known here, said by no list
