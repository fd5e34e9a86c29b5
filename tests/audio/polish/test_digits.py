import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.polish.digits import case_number, digits, document_number, phone, spelled
from audio.values import PhoneKind, PhoneNumber


def test_a_case_number_pauses_after_every_third_digit() -> None:
    assert case_number("0045127") == "zero zero cztery, pięć jeden dwa, siedem"


def test_a_case_number_with_letters_is_said_like_a_document() -> None:
    assert case_number("EN/2026/004512") == document_number("EN/2026/004512")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FV 12", "ef fał dwanaście"),
        ("fv-12", "ef fał myślnik dwanaście"),
        ("A0", "a zero"),
        ("09", "zero dziewięć"),
        ("9999/10000", "dziewięć tysięcy dziewięćset dziewięćdziesiąt dziewięć łamane przez jeden zero zero zero zero"),
        ("X.1_Ż", "iks kropka jeden podkreślenie żet"),
    ],
)
def test_document_numbers_of_any_shape_are_said(text: str, words: str) -> None:
    assert document_number(text) == words


@pytest.mark.parametrize("text", ["", "FV*1", "FV/1 – 2", "Ж12", "½"])
def test_a_document_number_with_unknown_signs_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a document number has"):
        document_number(text)


@given(st.text("0123456789", min_size=1, max_size=26))
def test_every_digit_is_said_once(text: str) -> None:
    assert len(digits(text).split()) == len(text)


@pytest.mark.parametrize("text", ["", "12a", "١٢", "-1"])
def test_only_digits_are_said_digit_by_digit(text: str) -> None:
    with pytest.raises(ValueError, match="only digits"):
        digits(text)


@pytest.mark.parametrize(
    ("e164", "kind"),
    [
        ("280123456", PhoneKind.MOBILE),
        ("+4828012345", PhoneKind.MOBILE),
        ("+4828012345678", PhoneKind.FIXED),
        ("+0123456789", PhoneKind.FOREIGN),
    ],
)
def test_what_is_no_e164_number_is_refused_without_repeating_it(e164: str, kind: PhoneKind) -> None:
    with pytest.raises(ValueError, match=f"not a {kind} number in E.164") as refusal:
        PhoneNumber(e164, kind)
    assert e164 not in str(refusal.value)


def test_internet_telephones_are_grouped_like_fixed_lines() -> None:
    groups = phone(PhoneNumber("+48390000052", PhoneKind.VOIP)).split(", ")

    assert [len(group.split()) for group in groups] == [2, 3, 2, 2]


def test_initials_are_said_by_the_letters_names() -> None:
    assert spelled("pphu") == "pe pe ha u"
