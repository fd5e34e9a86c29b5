"""What does one row of a call list say, and do we accept it?"""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.cases import Currency, DebtorType, Flag, Language, Stage
from dialer.core.codes import Code
from dialer.core.numbers import NumberingPlan
from dialer.core.rows.row import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, verdict
from dialer.core.rows.verdicts import RowVerdict, Status
from dialer.lists.calllist import read_csv
from tests.support.calllists import (
    clean_row,
    context,
    context_for,
    expected,
    judge_all,
    judge_row,
    read,
    read_json_fixture,
)


def judged(name: str) -> list[RowVerdict]:
    return list(judge_all(read_csv([read(name)]), context()))


def test_two_thousand_rows_get_the_agreed_verdicts() -> None:
    found = [
        {
            "row": str(row.row),
            "case_id": row.case_id,
            "status": row.status.value,
            "codes": ";".join(row.codes),
            "phones": ";".join(f"{number.e164}:{number.type}" for number in row.numbers),
        }
        for row in judged("calllist_2000.csv")
    ]
    assert found == expected("calllist_2000.expected.csv")


def test_two_thousand_rows_add_up() -> None:
    rows, totals = judged("calllist_2000.csv"), read_json_fixture("expected_summary.json")
    callable_rows = [row for row in rows if row.status is Status.ACCEPTED]
    cases = [row.case for row in callable_rows if row.case]
    numbers = [number for row in callable_rows for number in row.numbers]
    assert Counter(row.status for row in rows) == totals["status"]
    assert Counter(code for row in rows for code in row.codes) == totals["codes"]
    assert len({(case.client_id, case.debtor.id) for case in cases}) == totals["callable_debtors"]
    assert Counter(case.campaign_id for case in cases) == totals["by_campaign"]
    assert Counter(case.receivable.stage for case in cases) == totals["by_stage"]
    assert Counter(number.type for number in numbers) == totals["numbers_by_type"]
    assert len({number.e164 for number in numbers}) == totals["distinct_numbers"]


def test_each_dirty_row_is_refused_for_its_one_reason() -> None:
    clean, *dirty = judged("dirty_rows.csv")
    assert (clean.status, clean.codes) == (Status.ACCEPTED, ())
    found = [(str(row.row), row.case_id, row.status.value, ";".join(row.codes)) for row in dirty]
    assert found == [
        (row["row"], row["case_id"], row["status"], row["code"]) for row in expected("dirty_rows.expected.csv")
    ]


def test_a_production_set_up_accepts_no_test_number_of_the_list() -> None:
    facts = context_for(NumberingPlan.PL)
    assert not any(row.numbers for row in judge_all(read_csv([read("calllist_2000.csv")]), facts))


def test_an_accepted_row_has_typed_values() -> None:
    case = judge_row(amount_due="153,2", due_date="29.10.2026", flags="vulnerable; instalments", phone_2=None).case
    assert case is not None
    assert (case.case_id, case.client_id, case.campaign_id) == ("ZX/DUP/1", "CL-ENERGIA", "EN-OVERDUE")
    assert (case.receivable.amount, case.receivable.currency) == (Decimal("153.20"), Currency.PLN)
    assert (case.receivable.due_date, case.receivable.stage) == (date(2026, 10, 29), Stage.OVERDUE)
    assert case.receivable.balance_as_of == datetime(2026, 11, 21, 5, tzinfo=UTC)
    assert case.receivable.balance_version == 1
    assert case.flags == {Flag.VULNERABLE, Flag.INSTALMENTS}
    assert (case.debtor.type, case.debtor.language) == (DebtorType.PERSON, Language.POLISH)


def test_no_more_of_an_account_is_kept_than_four_digits() -> None:
    row = judge_row()
    assert row.case is not None
    assert row.case.receivable.account_last4 == "1234"
    assert "PL5400000" not in repr(row)


@pytest.mark.parametrize("column", REQUIRED_COLUMNS)
def test_a_row_without_a_required_value_says_so(column: str) -> None:
    optional_values = {
        "last_name": Code.E_NAME_REQUIRED,
        "phone_1": Code.B_NO_PHONE,
        "flags": None,
        "limitation_date": None,
    }
    code = optional_values.get(column, Code.E_REQUIRED)
    assert judge_row(**{column: "  "}).codes == (() if code is None else (code,))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"stage": "registry_notice"}, [Code.E_STAGE_CAMPAIGN]),
        ({"campaign_id": "EN-PREDUE", "stage": "invoice_issued"}, [Code.E_STAGE_DATE]),
        ({"campaign_id": "EN-PREDUE", "stage": "due_today"}, [Code.E_STAGE_DATE]),
        ({"due_date": "2026-11-21"}, [Code.E_STAGE_DATE]),  # not overdue before the day is over
        ({"balance_as_of": "2026-11-21T12:06:00+01:00"}, [Code.E_AS_OF_FUTURE]),
        ({"balance_as_of": "2026-11-21T12:00:00"}, [Code.E_DATE_FORMAT]),
        ({"balance_as_of": "2026-11-41T12:00:00Z"}, [Code.E_DATE_INVALID]),
        ({"balance_version": "-1"}, [Code.E_VERSION_FORMAT]),
        ({"account_iban": ""}, []),
        ({"account_iban": "", "account_last4": "12345"}, [Code.E_ACCOUNT_FORMAT]),
        ({"account_iban": "PL5400000000000000000000123"}, [Code.E_IBAN_FORMAT]),
        ({"account_iban": "54 0000 0000 0000 0000 0000 1234"}, []),
        ({"account_iban": "GB82 WEST 1234 5698 7654 32", "account_last4": "5432"}, []),
        ({"account_iban": "GB83 WEST 1234 5698 7654 32", "account_last4": "5432"}, [Code.E_IBAN_CHECKSUM]),
        ({"debtor_type": "firma"}, [Code.E_DEBTOR_TYPE]),
        ({"debtor_type": "company"}, [Code.E_NAME_REQUIRED]),
        ({"debtor_type": "company", "company_name": "P.P.H.U. „Wzór” & Syn 24/7"}, []),
        ({"sex": "K"}, [Code.E_SEX]),
        ({"sex": None}, [Code.W_SEX_UNKNOWN]),
        ({"language": "fr"}, [Code.E_LANGUAGE]),
        ({"language": None}, []),
        ({"email": "jan at poczta"}, [Code.W_EMAIL]),
        ({"timezone": "Europe/Atlantis"}, [Code.E_TIMEZONE]),
        ({"timezone": "Europe/London"}, []),
        ({"preferred_hours": "19:30-17:30"}, [Code.E_HOURS_FORMAT]),
        ({"preferred_hours": "17:30-19:30"}, []),
        ({"callback_number": "zadzwoń"}, [Code.E_CALLBACK_FORMAT]),
        ({"case_no_spoken": "12a"}, [Code.E_CASE_NO_SPOKEN]),
        ({"flags": "minor|vip"}, [Code.B_MINOR, Code.E_FLAG_UNKNOWN]),
        ({"limitation_date": "2026-11-21"}, []),  # its last day
        ({"limitation_date": "2026-11-20"}, [Code.B_TIME_BARRED]),
        ({"limitation_date": "2026-11-20", "debtor_type": "company", "company_name": "Wzór"}, []),  # no consumer
        ({"phone_1": "112", "phone_2": "280900100"}, [Code.W_PHONE_EMERGENCY]),
        ({"phone_1": "112", "phone_2": "brak"}, [Code.E_NO_VALID_PHONE]),
        ({"phone_1": None, "phone_5": "280900100"}, []),
        ({"phone_2": "+48 280 900 100"}, [Code.W_PHONE_REPEATED]),
        ({"phone_2": "+48 38 000 00 52"}, [Code.W_PHONE_OWN_NUMBER]),
        ({"client_id": "CL-HURT"}, [Code.E_CLIENT_FORBIDDEN]),
        ({"first_name": "Zażółć Gęślą-Jaźń O’Brien Jr."}, []),
        ({"first_name": "Jan2"}, [Code.E_NAME_CHARS]),
        ({"first_name": "Jan\u202e"}, [Code.E_CONTROL_CHARS]),
        ({"first_name": "J" * 61}, [Code.E_FIELD_LENGTH]),
        ({"email": "@SUM(A1)"}, [Code.E_FORMULA]),
        ({"debtor_id": "44051401458"}, [Code.E_FORBIDDEN_DATA]),
        ({"debtor_id": "44051401459"}, []),  # its check digit is wrong: some other number
        ({"invoice_no": "44051401458"}, []),  # invoice numbers look like that by chance
        ({"invoice_no": "PESEL 44051401458"}, [Code.E_FORBIDDEN_DATA]),
        ({"amount_due": "sto", "currency": "PLZ", "phone_1": "1"},
         [Code.E_AMOUNT_FORMAT, Code.E_CURRENCY, Code.E_PHONE_LENGTH]),
    ],
)  # fmt: skip
def test_every_reason_is_named(changes: dict[str, str | None], codes: list[Code]) -> None:
    assert judge_row(**changes).codes == tuple(codes)


def test_letters_sent_in_two_parts_are_put_together() -> None:
    case = judge_row(last_name="Go\u0301rski").case
    assert case is not None
    assert case.debtor.last_name == "Górski"


def test_a_sender_may_speak_only_for_its_own_clients() -> None:
    own = replace(context(), allowed_clients=frozenset({"CL-HURT"}))
    assert verdict(clean_row(), 1, own).codes == (Code.E_CLIENT_FORBIDDEN,)
    assert verdict(clean_row(campaign_id="EN-NOPE"), 1, own).codes == (Code.E_CLIENT_FORBIDDEN,)


def test_a_term_on_a_saturday_is_due_until_monday_has_passed() -> None:
    row = clean_row(due_date="2026-11-21", stage="overdue")
    monday, tuesday = (replace(context(), today=date(2026, 11, day)) for day in (23, 24))
    assert verdict(row, 1, monday).codes == (Code.E_STAGE_DATE,)
    assert verdict(row, 1, tuesday).codes == ()
    row = clean_row(due_date="2026-11-21", stage="due_today", campaign_id="EN-PREDUE")
    assert verdict(row, 1, monday).codes == ()
    assert verdict(row, 1, tuesday).codes == (Code.E_STAGE_DATE,)


@given(
    st.dictionaries(
        st.sampled_from((*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)),
        st.none() | st.text(max_size=50) | st.text("0123456789.,-+:/ ;", max_size=20),
    )
)
def test_any_text_gets_a_verdict_and_nothing_unsafe_is_stored(changes: dict[str, str | None]) -> None:
    row = judge_row(**changes)
    assert (row.case is None) == (row.status in {Status.REJECTED, Status.DUPLICATE})
    assert (row.status is Status.REJECTED) == any(code.rejects for code in row.codes)
    if row.case:
        debtor = row.case.debtor
        names = f"{debtor.first_name}{debtor.last_name}{debtor.company_name}{debtor.name_genitive}"
        assert not re.search(r"[\r\n<>{}=|\\]", names)
        assert row.case.receivable.amount > 0


def test_every_refusal_of_a_number_exists_as_a_warning() -> None:
    for code in Code:
        if code.startswith("E_PHONE_"):
            assert code.as_warning().meaning == code.meaning
