"""Where may the API listen, and with which files?"""

import pytest

from dialer.config import ConfigurationProblem, Settings


def settings(**given: str) -> Settings:
    return Settings.read({f"DZWONEK_{name.upper()}": value for name, value in given.items()})


def test_plain_http_is_for_loopback() -> None:
    with pytest.raises(ConfigurationProblem, match="name a certificate in tls_certificate, or put a TLS proxy"):
        settings(listen="0.0.0.0:8080")


@pytest.mark.parametrize("given", [{"trusted_proxy": "10.0.0.1"}, {"tls_certificate": "api.pem", "tls_key": "api.key"}])
def test_beyond_loopback_somebody_speaks_tls(given: dict[str, str]) -> None:
    assert settings(listen="0.0.0.0:8080", **given).listen == "0.0.0.0:8080"


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"tls_certificate": "api.pem"}, "tls_key"),
        ({"tls_key": "api.key"}, "tls_certificate"),
        ({"tls_client_authority": "ca.pem"}, "tls_certificate"),
        ({"tls_revoked": "crl.pem"}, "tls_client_authority"),
    ],
)
def test_half_of_what_tls_needs_is_refused(given: dict[str, str], lacking: str) -> None:
    with pytest.raises(ConfigurationProblem, match=f"needs {lacking}"):
        settings(**given)
