"""Is it the code of now, by the clock of a device that is not quite right?"""

from datetime import UTC, datetime, timedelta

import pytest

from api.second_factor import address_of, hash_of, new_recovery_codes, step_of

RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: 12345678901234567890
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert step_of(RFC, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("drift", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_device_may_be_wrong_by_one_step(drift: int, fits: bool) -> None:
    now = datetime.fromtimestamp(1111111109, UTC)
    assert step_of(RFC, "081804", now + drift * STEP) == (1111111109 // 30 if fits else None)


@pytest.mark.parametrize("code", ["", "081805", "81804", "0818044"])
def test_what_is_no_code_of_now_fits_nothing(code: str) -> None:
    assert step_of(RFC, code, datetime.fromtimestamp(1111111109, UTC)) is None


def test_an_app_reads_whose_it_is() -> None:
    assert address_of(RFC, "anna") == f"otpauth://totp/Dzwonek:anna?secret={RFC}&issuer=Dzwonek"


def test_recovery_codes_are_told_apart_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len({hash_of(code) for code in codes}) == len(codes) == 10
    assert hash_of(f" {codes[0].upper()} ") == hash_of(codes[0])
