"""Is this text safe to store, to speak, to show in a spreadsheet and to hand to a switch?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.codes import Code
from dialer.core.rows.text import FREE_TEXT, holds_pesel, unsafe


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("44051401458", True),
        ("PESEL-44051401458", True),
        ("pesel: 00000000001", True),  # whoever names it means it, right or wrong
        ("Jan 44051401458", True),
        ("02270803624", True),  # born in 2002: twenty is added to the month
        ("44051401459", False),  # the check digit is wrong
        ("44130140146", False),  # month 13
        ("440514014580", False),  # twelve digits
    ],
)
def test_a_pesel_number_is_recognised(text: str, is_found: bool) -> None:
    assert holds_pesel(text) is is_found


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
@pytest.mark.parametrize("field", FREE_TEXT)
def test_no_spreadsheet_will_run_what_a_list_says(field: str, sign: str) -> None:
    assert Code.E_FORMULA in unsafe({"case_id": "X", field: f"{sign}1"})


def test_a_number_may_be_wrapped_in_marks_but_a_name_may_not() -> None:
    assert unsafe({"phone_1": "\u202a280900100\u202c"}) == ()
    assert unsafe({"last_name": "\u202aKowalski\u202c"}) == (Code.E_CONTROL_CHARS,)


@given(
    st.sampled_from((*FREE_TEXT, "phone_1", "amount_due", "flags")),
    st.text(max_size=10),
    st.sampled_from("\0\t\n\r\x1b\x7f\x85\u2028\u2029"),
    st.text(max_size=10),
)
def test_no_value_holds_a_line_break_or_a_control_character(field: str, before: str, sign: str, after: str) -> None:
    assert Code.E_CONTROL_CHARS in unsafe({field: before + sign + after})
