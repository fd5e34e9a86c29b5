"""What is there to say to one debtor?"""

from collections.abc import Sequence
from datetime import date, timedelta

from audio.values import Currency, Money, Person, Sex
from dialer.adapters import campaign_words
from dialer.core.calendar import after_working_days
from dialer.core.cases import CaseRow, DebtorType
from dialer.core.plan import CampaignSettings


def values(cases: Sequence[CaseRow], settings: CampaignSettings, today: date) -> dict[str, object]:
    """The variables of texts and flows, as they are on that day; what nobody has told us is left out."""
    first = cases[0]
    owed = first.receivable
    promised = min((case.promise.by for case in cases if case.promise), default=None)
    known: dict[str, object | None] = {
        "creditor": settings.creditor,
        "company": first.debtor.company_name,
        "case": first.case_no_spoken or first.case_id,
        "amount": _sum(cases),
        "invoice": owed.invoice_no,
        "acc4": owed.account_last4,
        "issue_date": owed.issue_date,
        "due_date": owed.due_date,
        "due_on": owed.due_date,
        "overdue_days": max(today - owed.due_date, timedelta()),
        "as_of_date": today,
        "deadline": _deadline(settings, today),
        "block_date": owed.block_date if owed.block_date and owed.block_date > today else None,
        "block_subject": settings.block_subject,
        "letter_date": owed.letter_date if owed.letter_date and owed.letter_date <= today else None,
        "registry": settings.registry,
        "promise_on": promised,
        "promise_date": promised,
    }
    if first.debtor.type is DebtorType.PERSON:
        person = person_of(first)
        known |= dict.fromkeys(("name", "name_gen", "name_instr", "honor_gen", "honor_instr"), person)
    return campaign_words.values(settings) | {name: value for name, value in known.items() if value is not None}


def _deadline(settings: CampaignSettings, today: date) -> date | None:
    if settings.deadline_days is None:
        return None
    return after_working_days(today, settings.deadline_days - 1, settings.holidays)


def person_of(case: CaseRow) -> Person:
    debtor = case.debtor
    return Person(
        debtor.first_name or "",
        debtor.last_name or "",
        Sex(debtor.sex) if debtor.sex else None,
        debtor.name_genitive,
        debtor.name_instrumental,
    )


def _sum(cases: Sequence[CaseRow]) -> Money | None:
    """One sum for all cases of the call; None if they are in several currencies."""
    currencies = {case.receivable.currency for case in cases}
    if len(currencies) > 1:
        return None
    return Money(
        sum((case.receivable.amount for case in cases), start=cases[0].receivable.amount * 0),
        Currency(currencies.pop()),
    )
