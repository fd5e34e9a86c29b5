"""Which telephone number does this text mean, and may a machine call it at all?"""

import re
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from dialer.core.codes import Code
from dialer.core.numbers import Number, NumberingPlan, NumberRefusal, is_never_dialled, normalise, type_of
from dialer.model import NumberType
from tests.support.calllists import read_json_fixture

VECTORS = read_json_fixture("phone_vectors.json")["vectors"]

# Written by hand, apart from the code under test: what must never ring.
FORBIDDEN = re.compile(
    r"\+?(48)?0*(112|911|99[1-9]|98[4-7]|19[0-9]{3}|11[0-9]{4})"  # emergency, alarm and short numbers
    r"|\+48(70|80[014])[0-9]+"  # premium, freephone, shared cost
    r"|\+1900[0-9]+|\+44(9|800|70)[0-9]+|\+(800|808|870|881|882|883|979)[0-9]+"
)
TEST_NUMBER = re.compile(
    r"\+48(28[0-9]|380|384|388)[0-9]{6}|\+447700900[0-9]{3}|\+4930 ?23125[0-9]{3}|\+3363998[0-9]{4}"
)

PHONE_LIKE = st.one_of(
    st.text("0123456789+-() ./", max_size=20),
    st.from_regex(r"(\+48|0048|48|0)? ?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}", fullmatch=True),
    st.from_regex(r"(\+|00)[1-9][0-9]{5,13}", fullmatch=True),
    st.text(max_size=45),
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["raw"]))
def test_every_vector_is_read_as_agreed(vector: dict[str, Any]) -> None:
    match normalise(vector["raw"], NumberingPlan.TEST):
        case Number(e164, kind):
            assert {"raw": vector["raw"], "e164": e164, "type": kind} == vector
        case NumberRefusal(code):
            assert {"raw": vector["raw"], "error": code} == vector


def test_the_polish_plan_is_that_of_libphonenumber_over_all_prefixes() -> None:
    for prefix in range(10_000, 100_000):
        national = f"{prefix}2345"
        assert kind_of(normalise(national, NumberingPlan.PL)) == kind_by_libphonenumber(national), national


def kind_of(number: Number | NumberRefusal) -> str:
    return number.code if isinstance(number, NumberRefusal) else number.type


def kind_by_libphonenumber(national: str) -> str:
    known = phonenumbers.number_type(phonenumbers.PhoneNumber(country_code=48, national_number=int(national)))
    if national.startswith("70"):  # 702, 705 and 709 have no tariff yet, yet all of 70x is premium
        return Code.E_PHONE_PREMIUM
    return {
        PhoneNumberType.MOBILE: NumberType.MOBILE,
        PhoneNumberType.FIXED_LINE: NumberType.FIXED,
        PhoneNumberType.VOIP: NumberType.VOIP,
        PhoneNumberType.TOLL_FREE: Code.E_PHONE_FREEPHONE,
        PhoneNumberType.SHARED_COST: Code.E_PHONE_SHARED_COST,
        PhoneNumberType.UAN: Code.E_PHONE_SHARED_COST,
    }.get(known, Code.E_PHONE_UNASSIGNED)


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("481234567", "+48481234567"),  # nine digits: Radom
        ("48 123 45 67", "+48481234567"),
        ("48481234567", "+48481234567"),
        ("48 280 123 456", "+48280123456"),  # eleven digits: the country code
        ("480280123456", "+48280123456"),  # the country code and the trunk 0 of old lists
        ("+48 (0) 280 123 456", "+48280123456"),
        ("(+48) 280-123-456", "+48280123456"),
        ("00 48 280 123 456", "+48280123456"),
        ("tel.: 280\u00a0123\u00a0456", "+48280123456"),
        ("kom. 280123456", "+48280123456"),
        ("tel:+48280123456", "+48280123456"),
        ("\u202a+48 280 123 456\u202c", "+48280123456"),  # as phone books copy it
        ("280–123–456", "+48280123456"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("380123456", "+48380123456"),  # national, not Ukraine
    ],
)
def test_one_number_has_many_spellings(raw: str, e164: str) -> None:
    number = normalise(raw, NumberingPlan.TEST)
    assert isinstance(number, Number), number
    assert number.e164 == e164


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("0112", Code.E_PHONE_EMERGENCY),
        ("00112", Code.E_PHONE_EMERGENCY),
        ("+112", Code.E_PHONE_EMERGENCY),
        ("48112", Code.E_PHONE_EMERGENCY),
        ("0048 112", Code.E_PHONE_EMERGENCY),
        ("1-1-2", Code.E_PHONE_EMERGENCY),
        ("911", Code.E_PHONE_EMERGENCY),
        ("986", Code.E_PHONE_SHORT_CODE),
        ("991", Code.E_PHONE_SHORT_CODE),
        ("116 111", Code.E_PHONE_SHORT_CODE),
        ("+48 19115", Code.E_PHONE_SHORT_CODE),
        ("0 801 234 567", Code.E_PHONE_SHARED_COST),
        ("800 123 4567", Code.E_PHONE_FREEPHONE),
        ("+48 702 123 456", Code.E_PHONE_PREMIUM),
        ("+1 900 555 1234", Code.E_PHONE_PREMIUM),
        ("+881 6 1234 5678", Code.E_PHONE_PREMIUM),
        ("+979 123 456 789", Code.E_PHONE_PREMIUM),
        ("+44 800 111 1111", Code.E_PHONE_FREEPHONE),
        ("641234567", Code.E_PHONE_UNASSIGNED),  # pagers
        ("+353 20 123 4567", Code.E_PHONE_UNASSIGNED),
        ("+48 000 000 000", Code.E_PHONE_PLACEHOLDER),
        ("0", Code.E_PHONE_PLACEHOLDER),
        ("8123456", Code.E_PHONE_LENGTH),  # without its area code
        ("+48", Code.E_PHONE_LENGTH),
        ("+44", Code.E_PHONE_LENGTH),
        ("+44 7700", Code.E_PHONE_LENGTH),
        ("447700900123", Code.E_PHONE_LENGTH),  # nobody wrote that it is foreign
        ("+0048 280123456", Code.E_PHONE_COUNTRY_UNKNOWN),
        ("280123456.0", Code.E_PHONE_EXCEL),
        ("28012345.0", Code.E_PHONE_EXCEL),
        ("280123456;ext=7", Code.E_PHONE_EXTENSION),
        ("280123456x7", Code.E_PHONE_EXTENSION),
        ("2801234S6 w. 12", Code.E_PHONE_FORMAT),
        ("280+123456", Code.E_PHONE_FORMAT),
        ("+", Code.E_PHONE_FORMAT),
        ("２８０１２３４５６", Code.E_PHONE_FORMAT),
        ("280 123 456" + " " * 40 + "7", Code.E_PHONE_FORMAT),
    ],
)
def test_what_is_no_number_to_call_is_named(raw: str, code: Code) -> None:
    assert normalise(raw, NumberingPlan.TEST) == NumberRefusal(code)


@given(PHONE_LIKE, st.sampled_from(NumberingPlan))
def test_no_accepted_number_is_one_that_must_never_ring(raw: str, plan: NumberingPlan) -> None:
    number = normalise(raw, plan)
    if isinstance(number, Number):
        assert not FORBIDDEN.fullmatch(number.e164)
        assert is_never_dialled(number.e164, plan) is None


@given(st.from_regex(FORBIDDEN, fullmatch=True))
def test_the_last_question_before_a_call_refuses_what_must_never_ring(e164: str) -> None:
    assert is_never_dialled(e164) is not None


@pytest.mark.parametrize("stored", ["112", "+48112", "48280123456", "+480280123456", "280123456", "", "+48 280123456"])
def test_a_number_mutated_in_the_database_is_refused_at_dial_time(stored: str) -> None:
    assert is_never_dialled(stored) is not None


@given(st.from_regex(TEST_NUMBER, fullmatch=True))
def test_a_production_set_up_refuses_every_test_number(raw: str) -> None:
    assert isinstance(normalise(raw, NumberingPlan.PL), NumberRefusal)
    assert is_never_dialled(raw.replace(" ", ""), NumberingPlan.PL) is not None


@given(st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), st.sampled_from(["+48", "0048", "48", "0", "+48 0", "tel. "]))
def test_the_way_a_national_number_is_written_changes_nothing(national: str, prefix: str) -> None:
    assert normalise(prefix + national, NumberingPlan.TEST) == normalise(national, NumberingPlan.TEST)


@pytest.mark.parametrize(
    ("e164", "kind"),
    [
        ("+48280000001", NumberType.MOBILE),
        ("+48384000001", NumberType.FIXED),
        ("+48390000001", NumberType.VOIP),
        ("+493023125001", NumberType.FOREIGN),
        ("+48112", None),
    ],
)
def test_a_number_says_what_kind_of_telephone_it_is(e164: str, kind: NumberType | None) -> None:
    assert type_of(e164, NumberingPlan.TEST) is kind
