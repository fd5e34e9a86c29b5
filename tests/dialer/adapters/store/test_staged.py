"""Is every value of a judged row put aside under its own name?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from dialer.adapters.store.staged import numbers_of, row_of, staged_numbers, staged_rows
from dialer.core.cases import Currency, DebtorType, Flag, Language, PreferredHours, Sex, Stage
from dialer.core.codes import Code
from dialer.core.rows.verdicts import Status
from tests.support.stores import FIXED, MOBILE, refused_row, row


def test_every_value_stands_under_its_name() -> None:
    taken = row("D1", case="RENT/1", numbers=[MOBILE, FIXED], blocked=Code.B_DISPUTE, amount="153.20")
    assert taken.verdict.case is not None
    case = taken.verdict.case
    debtor = replace(case.debtor, company_name="Firma", sex=Sex.FEMALE, name_instrumental="Janem", email="a@b.example")
    owed = replace(
        case.receivable, issue_date=date(2026, 10, 1), block_date=date(2026, 12, 7), letter_date=date(2026, 10, 12),
        balance_as_of=datetime(2026, 11, 1, 5, tzinfo=UTC),
    )  # fmt: skip
    case = replace(
        case,
        debtor=debtor,
        receivable=owed,
        flags=frozenset({Flag.VULNERABLE, Flag.DISPUTE}),
        callback_number="+48380000001",
        timezone="Europe/Warsaw",
        preferred_hours=PreferredHours(time(9), time(17, 30)),
    )
    verdict = replace(taken.verdict, row=7, codes=(Code.W_SEX_UNKNOWN, Code.B_DISPUTE), case=case)

    staged = dict(
        zip(staged_rows.columns.keys(), row_of(replace(taken, verdict=verdict, timezone="zone")), strict=True)
    )

    assert staged == {
        "row": 7, "status": Status.ACCEPTED_BLOCKED, "codes": "W_SEX_UNKNOWN B_DISPUTE",
        "phones": f"{MOBILE}:mobile {FIXED}:mobile",
        "client_id": "CL-CZYNSZ", "case_id": "RENT/1", "campaign_id": "RENT", "blocked": "B_DISPUTE",
        "amount": int(Decimal("153.20") * 100), "currency": Currency.PLN, "invoice_no": "FV/1/10/2026",
        "issue_date": date(2026, 10, 1), "due_date": date(2026, 10, 29), "stage": Stage.OVERDUE,
        "account_last4": "1234", "case_no_spoken": "900001", "callback_number": "+48380000001",
        "timezone": "Europe/Warsaw", "preferred_hours": "09:00-17:30", "flags": "dispute vulnerable",
        "limitation_date": date(2029, 12, 31), "block_date": date(2026, 12, 7),
        "letter_date": date(2026, 10, 12), "balance_version": 1,
        "balance_as_of": datetime(2026, 11, 1, 5, tzinfo=UTC),
        "ref": "D1", "type": DebtorType.PERSON, "first_name": "Jan", "last_name": "Zmyślony",
        "company_name": "Firma", "sex": Sex.FEMALE, "name_genitive": "Jana Zmyślonego", "name_instrumental": "Janem",
        "language": Language.POLISH, "email": "a@b.example", "zone": "zone",
    }  # fmt: skip
    places = [dict(zip(staged_numbers.columns.keys(), each, strict=True)) for each in numbers_of(verdict)]
    assert places == [
        {"row": 7, "position": position, "e164": e164, "type": "mobile"}
        for position, e164 in enumerate((MOBILE, FIXED), 1)
    ]


def test_our_own_words_are_put_aside_as_plain_text() -> None:
    staged = row_of(row("D1", blocked=Code.B_DISPUTE))

    assert {type(value) for value in staged if isinstance(value, str)} == {str}


def test_of_a_refused_row_only_its_case_is_known() -> None:
    refused = refused_row("RENT/?")

    staged = dict(zip(staged_rows.columns.keys(), row_of(refused), strict=True))

    said = {name for name, value in staged.items() if value is not None}
    assert said == {"row", "status", "codes", "phones", "case_id"}
    assert list(numbers_of(refused.verdict)) == []
