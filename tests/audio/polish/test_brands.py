import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.polish.brands import spoken_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Energia Przykładowa", "Energia Przykładowa"),
        ("Wzór Hurt Sp. z o.o.", "Wzór Hurt spółka z o o"),
        ("Wzór Hurt sp z o.o.", "Wzór Hurt spółka z o o"),
        ("Atrapa Części S.A.", "Atrapa Części es a"),
        ("Model Handel P.P.H.U.", "Model Handel pe pe ha u"),
        ("Fikcja Hurt Sp. j.", "Fikcja Hurt spółka jawna"),
        ("Fikcja Hurt Sp. k.", "Fikcja Hurt spółka komandytowa"),
        ("Makieta s.c.", "Makieta spółka cywilna"),
        ("Wzór & Syn", "Wzór i Syn"),
    ],
)
def test_a_companys_legal_form_is_said_in_words(name: str, words: str) -> None:
    assert spoken_name(name) == words


@given(st.text())
def test_no_name_becomes_an_instruction_to_the_engine_or_ends_a_sentence(name: str) -> None:
    assert not set(spoken_name(name)) & set("<>[]{}|\\/.!?\n\r\0")
