"""What does one row of a balance file say?

CSV and JSON arrive as a mapping from column names to text. What is said of the payment itself is kept if it can be
read: a mistake in it does not keep the balance from being taken, for then somebody who has paid would be called.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict
from dialer.core.codes import Code
from dialer.core.rows.amounts import parse_balance
from dialer.core.rows.dates import parse_date, parse_moment
from dialer.core.rows.reading import (
    LONGEST_CASE_ID,
    Reading,
    matching,
    parse_case_id,
    parse_currency,
    parse_version,
    present,
)
from dialer.core.rows.text import unsafe

REQUIRED_COLUMNS = ("case_id", "balance", "currency", "version")
OPTIONAL_COLUMNS = ("client_id", "as_of", "reason", "paid_amount", "paid_at")

# An hour for systems that write their local time with the offset of the other half of the year, and some minutes for
# their clocks. What is dated further ahead is a typing error in a date.
AS_OF_TOLERANCE = timedelta(hours=1, minutes=5)


_reason = matching(r"[A-Za-z0-9_\-]{1,20}", Code.W_PAYMENT)


def read_balance(
    raw: Mapping[str, str | None], row: int, client_id: str | None, now: datetime
) -> BalanceRow | BalanceVerdict:
    """The row, or why it is refused.

    Args:
        client_id: the sender's client, of which alone it knows cases; None: the operator, who names one in each row.
    """
    values = present(raw)
    if codes := unsafe(values):
        return refused(row, values.get("case_id", ""), *codes)
    reading = Reading(values)
    case = reading.required("case_id", parse_case_id)
    amount = reading.required("balance", parse_balance)
    currency = reading.required("currency", parse_currency)
    version = reading.required("version", parse_version)
    as_of = reading.optional("as_of", parse_moment)
    if as_of and as_of > now + AS_OF_TOLERANCE:
        reading.codes.append(Code.E_AS_OF_FUTURE)
    client = values.get("client_id", client_id)
    if client is None:
        reading.codes.append(Code.E_REQUIRED)
    elif client_id is not None and client != client_id:
        reading.codes.append(Code.E_CASE_UNKNOWN)
    codes = tuple(dict.fromkeys(reading.codes))
    if codes or case is None or client is None or amount is None or currency is None or version is None:
        return refused(row, values.get("case_id", ""), *codes)
    payment = Reading(values)
    return BalanceRow(
        row,
        client,
        case,
        amount,
        currency,
        int(version),
        as_of,
        payment.optional("reason", _reason),
        payment.optional("paid_amount", parse_balance),
        payment.optional("paid_at", _day(now)),
        (Code.W_PAYMENT,) if payment.codes else (),
    )


def refused(row: int, case_id: str, *codes: Code) -> BalanceVerdict:
    return BalanceVerdict(row, case_id[:LONGEST_CASE_ID], BalanceStatus.REJECTED, codes)


def _day(now: datetime) -> Callable[[str], date | Code]:
    today = now.date()
    return lambda text: parse_date(text, today)
