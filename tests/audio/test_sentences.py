from hypothesis import given
from hypothesis import strategies as st

from audio.sentences import Sentence, composed, sentences


def test_a_text_is_cut_where_its_sentences_end() -> None:
    assert sentences(" Kwota:  sto złotych. Czy  to\nPan? Tak! ") == ["Kwota: sto złotych.", "Czy to Pan?", "Tak!"]


def test_a_sentence_is_personal_if_anything_in_it_is() -> None:
    pieces = [
        ("Dzień dobry. Dzwonimy do ", False),
        ("pana Jana", True),
        (". Numer: ", False),
        ("raz", True),
        (".", False),
    ]

    assert composed(pieces) == [
        Sentence("Dzień dobry.", False),
        Sentence("Dzwonimy do pana Jana.", True),
        Sentence("Numer: raz.", True),
    ]


@given(st.lists(st.tuples(st.text("ab .!\n"), st.booleans())))
def test_sentences_say_what_their_pieces_say(pieces: list[tuple[str, bool]]) -> None:
    said = "".join(piece for piece, _ in pieces)

    assert " ".join(sentence.words for sentence in composed(pieces)) == " ".join(said.split())
    assert any(sentence.is_personal for sentence in composed(pieces)) >= any(
        personal and piece.strip() for piece, personal in pieces
    )
