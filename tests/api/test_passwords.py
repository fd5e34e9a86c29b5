"""Is it the password, and may it be one?"""

import pytest

from api.passwords import Passwords, made_up, weakness


async def test_a_password_fits_what_was_kept_of_it() -> None:
    passwords = Passwords()
    kept = await passwords.hashed("trzy małe koty")
    assert await passwords.fits("trzy małe koty", kept)
    assert not await passwords.fits("trzy małe kotki", kept)
    assert kept != await passwords.hashed("trzy małe koty")


async def test_nobody_has_a_password_that_fits() -> None:
    assert not await Passwords().fits("", None)


async def test_what_is_kept_costs_whoever_guesses() -> None:
    kept = await Passwords().hashed("trzy małe koty")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven char", "12 to 128"),
        ("x" * 129, "12 to 128"),
        ("ababababababab", "5 different"),
        ("I am Anna.Nowak!", "the name"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, why: str) -> None:
    assert why in (weakness(password, "anna.nowak") or "")


def test_what_we_make_up_would_do() -> None:
    assert weakness(made_up(), "anna") is None
