"""Where does this machine get Debian from?"""

from __future__ import annotations

from lab.apt import main_archive, parse_index_targets, parse_sources

DEB822 = """\
# comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
"""


def archive(name: str, text: str) -> str | None:
    found = main_archive(parse_sources(name, text), "bookworm")
    return found.uri if found else None


def test_the_main_archive_is_found_in_deb822() -> None:
    found = main_archive(parse_sources("debian.sources", DEB822), "bookworm")
    assert found is not None
    assert found.uri == "http://mirror.example/debian"
    assert found.signed_by == "/usr/share/keyrings/debian-archive-keyring.gpg"


def test_the_main_archive_is_found_in_one_line() -> None:
    text = "deb [arch=amd64 signed-by=/etc/key.gpg] https://mirror.example/debian/ bookworm main contrib # ours\n"
    assert archive("sources.list", text) == "https://mirror.example/debian"


def test_security_updates_are_not_the_archive() -> None:
    assert archive("a.list", "deb http://security.example/debian-security bookworm-security main") is None


def test_somebody_elses_packages_are_not_debian() -> None:
    assert (
        archive("a.list", "deb https://packages.example cloud-bookworm main\ndeb https://x.example nodistro main")
        is None
    )


def test_sources_alone_are_not_enough() -> None:
    assert archive("a.list", "deb-src http://mirror.example/debian bookworm main") is None


def test_a_source_that_is_switched_off_does_not_count() -> None:
    assert archive("a.sources", "Enabled: no\n" + DEB822.partition("\n\n")[0]) is None


def test_keys_inside_the_configuration_are_left_to_apt() -> None:
    inside = DEB822.partition("Signed-By")[0] + "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDME\n"
    found = main_archive(parse_sources("debian.sources", inside), "bookworm")
    assert found is not None
    assert found.signed_by is None


def test_a_machine_that_follows_a_suite_by_name_counts_too() -> None:
    assert archive("a.list", "deb http://mirror.example/debian stable main") == "http://mirror.example/debian"


def test_apt_itself_is_asked_last() -> None:
    text = """\
Other Other https://packages.example/ stable
Debian Debian-Security http://security.example/debian-security/ oldstable-security
Debian Debian http://mirror.example/debian/ oldstable
"""
    found = parse_index_targets(text, "bookworm")
    assert found is not None
    assert found.uri == "http://mirror.example/debian"
    assert parse_index_targets("Other Other https://packages.example/ stable", "bookworm") is None
