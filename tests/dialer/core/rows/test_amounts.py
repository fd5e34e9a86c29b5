"""How much is owed?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.codes import Code
from dialer.core.rows.amounts import parse_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("153.20", "153.20"),
        ("153,20", "153.20"),
        ("153,2", "153.20"),  # a spreadsheet drops the last zero
        ("153", "153.00"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234\u00a0567,89", "1234567.89"),
        ("99999999.99", "99999999.99"),
        ("0.01", "0.01"),
    ],
)
def test_an_amount_is_read_to_the_grosz(text: str, amount: str) -> None:
    read = parse_amount(text)
    assert isinstance(read, Decimal)
    assert str(read) == amount


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234,56", Code.E_AMOUNT_FORMAT),
        ("1,234.56", Code.E_AMOUNT_FORMAT),
        ("12 34,56", Code.E_AMOUNT_FORMAT),
        ("153.", Code.E_AMOUNT_FORMAT),
        (".50", Code.E_AMOUNT_FORMAT),
        ("+50", Code.E_AMOUNT_FORMAT),
        ("1e3", Code.E_AMOUNT_FORMAT),
        ("١٢٣", Code.E_AMOUNT_FORMAT),
        ("NaN", Code.E_AMOUNT_FORMAT),
        ("-0.00", Code.E_AMOUNT_ZERO),
        ("0,000", Code.E_AMOUNT_ZERO),
        ("-0.01", Code.E_AMOUNT_NEGATIVE),
        ("10.005", Code.E_AMOUNT_SCALE),
        ("100000000", Code.E_AMOUNT_RANGE),
    ],
)
def test_what_could_be_another_amount_is_refused(text: str, code: Code) -> None:
    assert parse_amount(text) is code


@given(st.decimals(min_value="0.01", max_value="99999999.99", places=2))
def test_every_amount_survives_its_spelling(amount: Decimal) -> None:
    assert parse_amount(f"{amount:.2f}".replace(".", ",")) == amount


@given(st.from_regex(r"-?0{0,2}[0-9]{0,2}\.[0-9]{1,3}|[0-9]{7,10}\.[0-9]{2}|0{1,9}\.00?", fullmatch=True))
def test_a_point_means_what_a_comma_means(text: str) -> None:
    assert str(parse_amount(text)) == str(parse_amount(text.replace(".", ",")))
