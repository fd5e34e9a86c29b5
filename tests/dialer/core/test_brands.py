import pytest

from dialer.core.brands import BrandSettings, CallerNumbers, caller_problem, contradictions, others_named, under
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from tests.support.stores import settings

BRAND = BrandSettings(
    name="Energia Przykładowa",
    neutral_name="Energia",
    caller_number="+48388000011",
    callback_number="+48388000012",
    voice="pl-voice-b",
)
OWNED = CallerNumbers(frozenset({"+48388000011"}), frozenset({"+48388000013"}))


def test_a_campaign_speaks_as_its_brand_does() -> None:
    spoken = under("EN", BRAND, settings())

    assert (spoken.brand_id, spoken.brand, spoken.brand_neutral) == ("EN", "Energia Przykładowa", "Energia")
    assert (spoken.cli, spoken.callback_number, spoken.voice) == ("+48388000011", "+48388000012", "pl-voice-b")


def test_callees_are_told_when_the_brand_answers() -> None:
    open_at = {"1": [("09:00", "16:00")]}

    assert under("EN", BRAND.model_copy(update={"opening_hours": open_at}), settings()).callback_hours == open_at
    assert under("EN", BRAND, settings()).callback_hours == {}


def test_a_campaign_that_names_a_brand_may_leave_out_what_the_brand_says() -> None:
    given = CampaignSettings.model_validate(
        {"client_id": "CL", "creditor": "Energia", "stages": ["overdue"], "brand_id": "EN"}
    )

    assert list(contradictions(BRAND, given)) == []
    assert under("EN", BRAND, given).cli == "+48388000011"


def test_a_campaign_without_a_brand_says_everything_itself() -> None:
    with pytest.raises(ValueError, match="needed where no brand_id gives it"):
        CampaignSettings.model_validate({"client_id": "CL", "creditor": "Energia", "stages": ["overdue"]})


def test_a_campaign_does_not_contradict_its_brand() -> None:
    given = settings(brand_id="EN", brand="Energia Przykładowa", brand_neutral="Energia", cli="+48388000011")

    assert [field for field, _ in contradictions(BRAND, given)] == ["callback_number"]


@pytest.mark.parametrize(
    ("number", "known", "problem"),
    [
        ("+48388000011", OWNED, None),
        ("+48388000011", CallerNumbers(), None),
        ("+48388000012", OWNED, "not on the operator's list"),
        ("+48388000013", CallerNumbers(None, OWNED.receive_only), "only receives calls"),
        ("+447700900123", CallerNumbers(), "no Polish number"),
        ("+48112", CallerNumbers(), "no number that can be called back"),
        ("+48703000000", CallerNumbers(), "no number that can be called back"),
    ],
)
def test_only_numbers_of_ones_own_that_can_be_called_back_are_presented(
    number: str, known: CallerNumbers, problem: str | None
) -> None:
    found = caller_problem(number, NumberingPlan.TEST, known)

    assert (found is None) == (problem is None)
    assert (problem or "") in (found or "")


def test_the_numbers_of_trials_are_presented_in_trials_only() -> None:
    assert caller_problem("+48388000011", NumberingPlan.PL, CallerNumbers()) is not None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Dzwonimy z firmy {brand}.", []),
        ("Dzwonimy z firmy Telefonia Wzorcowa.", ["Telefonia Wzorcowa"]),
        ("Telefonia Wzorcowa i Hurt, Hurt.", ["Hurt", "Telefonia Wzorcowa"]),
        ("Hurtownia jest otwarta, a energia i hurt są tańsze.", []),
        ("Dzwoni TELEFONIA\n    WZORCOWA.", ["Telefonia Wzorcowa"]),
        ("Energia Przykładowa przypomina.", []),
    ],
)
def test_a_text_names_no_other_brand(text: str, named: list[str]) -> None:
    others = ["Telefonia Wzorcowa", "Hurt", "Energia"]

    assert others_named(text, own=["Energia Przykładowa"], others=others) == named
