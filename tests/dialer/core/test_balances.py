from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.balances import BalanceRow, BalanceStatus, KnownBalance, judge, state_after
from dialer.core.cases import CaseState, Currency
from dialer.core.codes import Code
from tests.support.balances import balance

OWED = KnownBalance(CaseState.OPEN, Decimal("146.91"), Currency.PLN, 3)
PAID = KnownBalance(CaseState.CLOSED_PAID, Decimal("0.00"), Currency.PLN, 3)
WITHDRAWN = KnownBalance("withdrawn", Decimal("146.91"), Currency.PLN, 3)


def status(amount: str, version: int, known: KnownBalance = OWED) -> BalanceStatus:
    return judge(balance(amount=amount, version=version), known).status


def refusal(sent: BalanceRow, known: KnownBalance | None = OWED) -> tuple[BalanceStatus, tuple[Code, ...]]:
    judged = judge(sent, known)
    return judged.status, judged.codes


# ---- what a newer balance says --------------------------------------------------------------------------


def test_a_case_of_which_nothing_is_owed_is_closed() -> None:
    assert status("0.00", 4) is BalanceStatus.CLOSED_PAID


def test_a_part_that_was_paid_leaves_the_rest() -> None:
    assert status("73.45", 4) is BalanceStatus.UPDATED_PARTIAL


def test_a_sum_may_grow() -> None:
    assert status("146.92", 4) is BalanceStatus.UPDATED_INCREASED


def test_a_newer_version_of_the_same_sum_is_taken() -> None:
    assert status("146.91", 4) is BalanceStatus.UPDATED_SAME


def test_a_payment_that_was_taken_back_opens_the_case_again() -> None:
    assert status("73.45", 4, PAID) is BalanceStatus.REOPENED


def test_nothing_more_than_nothing_can_be_paid() -> None:
    assert status("0.00", 4, PAID) is BalanceStatus.UPDATED_SAME


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("10.00", BalanceStatus.UPDATED_PARTIAL),
        ("200.00", BalanceStatus.UPDATED_INCREASED),
        ("0.00", BalanceStatus.UPDATED_PARTIAL),
    ],
)
def test_no_balance_opens_or_closes_a_case_that_was_closed_for_another_reason(
    amount: str, expected: BalanceStatus
) -> None:
    judged = status(amount, 4, WITHDRAWN)
    assert judged is expected
    assert state_after(judged, WITHDRAWN.state) == WITHDRAWN.state


# ---- what is refused ------------------------------------------------------------------------------------


def test_a_case_that_nobody_knows_cannot_be_paid() -> None:
    assert refusal(balance(), None) == (BalanceStatus.REJECTED, (Code.E_CASE_UNKNOWN,))


def test_an_older_balance_changes_nothing() -> None:
    assert refusal(balance(version=2)) == (BalanceStatus.REJECTED, (Code.E_STALE_VERSION,))


def test_the_same_balance_again_changes_nothing() -> None:
    assert refusal(balance(amount="146.91", version=3)) == (BalanceStatus.DUPLICATE, (Code.D_IDENTICAL,))


@pytest.mark.parametrize("known", [OWED, PAID])
def test_one_version_has_one_amount(known: KnownBalance) -> None:
    assert refusal(balance(amount="1.00", version=3), known) == (BalanceStatus.REJECTED, (Code.E_VERSION_CONFLICT,))


def test_another_currency_is_another_debt() -> None:
    assert refusal(balance(version=4, currency=Currency.USD)) == (BalanceStatus.REJECTED, (Code.E_CURRENCY_MISMATCH,))


# ---- in any order ---------------------------------------------------------------------------------------

AMOUNTS = st.sampled_from(["0.00", "1.00", "73.45", "146.91"])


def taken(rows: list[BalanceRow], known: KnownBalance) -> KnownBalance:
    for sent in rows:
        verdict = judge(sent, known)
        if verdict.status.is_taken:
            known = KnownBalance(state_after(verdict.status, known.state), sent.amount, sent.currency, sent.version)
    return known


@given(st.dictionaries(st.integers(4, 9), AMOUNTS, min_size=1), st.data())
def test_late_and_repeated_balances_leave_what_the_newest_says(versions: dict[int, str], data: st.DataObject) -> None:
    rows = [balance(amount=amount, version=version) for version, amount in versions.items()]
    sent = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows)))))
    newest = rows[list(versions).index(max(versions))]

    known = taken(list(sent), OWED)

    assert (known.version, known.amount) == (newest.version, newest.amount)
    assert (known.state == CaseState.CLOSED_PAID) == (known.amount == 0)
    assert taken(list(sent), known) == known
