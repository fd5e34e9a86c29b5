"""Which of a row's telephone numbers may be called, and what to say about the others?"""

from collections.abc import Iterable

from dialer.core.codes import Code
from dialer.core.numbers import Number, NumberingPlan, NumberRefusal, normalise
from dialer.core.rows.verdicts import CampaignFacts


def callable_numbers(
    texts: Iterable[str], campaign: CampaignFacts | None, plan: NumberingPlan
) -> tuple[tuple[Number, ...], tuple[Code, ...]]:
    """The good numbers in their order, and the codes.

    A bad number only warns while another one is good. A single bad one rejects by its own code, several
    by E_NO_VALID_PHONE; a row without any is stored for its balance.
    """
    good: dict[str, Number] = {}
    notes: list[Code] = []
    for text in texts:
        number = _judged(text, campaign, plan)
        if isinstance(number, NumberRefusal):
            notes.append(number.code)
            continue
        if number.e164 in good:
            notes.append(Code.W_PHONE_REPEATED)
        good[number.e164] = number
    if good:
        return tuple(good.values()), tuple([note.as_warning() if note.rejects else note for note in notes])
    if not notes:
        return (), (Code.B_NO_PHONE,)
    return (), (notes[0] if len(notes) == 1 else Code.E_NO_VALID_PHONE,)


def _judged(text: str, campaign: CampaignFacts | None, plan: NumberingPlan) -> Number | NumberRefusal:
    number = normalise(text, plan)
    if isinstance(number, NumberRefusal) or campaign is None:
        return number
    e164 = number.e164
    if not e164.startswith(campaign.allowed_prefixes):
        return NumberRefusal(Code.E_PHONE_COUNTRY)
    if e164 in campaign.own_numbers:
        return NumberRefusal(Code.E_PHONE_OWN_NUMBER)
    return number
