"""Where does this machine get Debian from?

Pure: texts of apt's configuration in, an archive out. Two notations exist, one-line (sources.list(5)) and deb822.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SUITES = {"stable", "oldstable", "oldoldstable", "testing", "unstable", "sid"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True, slots=True)
class Source:
    """One archive that apt is told to use."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str | None


def main_archive(sources: Iterable[Source], codename: str) -> Source | None:
    """The first source that is Debian's main archive: not security updates, not anybody else's packages."""
    wanted = SUITES | {codename}
    for source in sources:
        is_debian = wanted.intersection(source.suites) and "main" in source.components
        if is_debian and source.uri.startswith(("http://", "https://")):
            return source
    return None


def parse_sources(name: str, text: str) -> Iterator[Source]:
    """The binary package sources of one file; its name tells the notation."""
    return _deb822(text) if name.endswith(".sources") else _one_line(text)


def parse_index_targets(text: str, codename: str) -> Source | None:
    """Debian's archive from lines `origin label repository suite` of apt-get indextargets."""
    for line in text.splitlines():
        match line.split():
            case ["Debian", "Debian", uri, suite]:
                return Source(uri.rstrip("/"), (codename, suite), ("main",), None)
    return None


ONE_LINE = re.compile(r"^\s*deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)(?P<components>.*)$")


def _one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        if found := ONE_LINE.match(line.partition("#")[0]):
            options = dict(option.partition("=")[::2] for option in (found["options"] or "").split())
            components = tuple(found["components"].split())
            yield Source(found["uri"].rstrip("/"), (found["suite"],), components, _key(options.get("signed-by")))


def _deb822(text: str) -> Iterator[Source]:
    for paragraph in re.split(r"\n\s*\n", _without_comments(text)):
        fields: dict[str, str] = {}
        for name, value in re.findall(r"^(\S+):[ \t]*(.*(?:\n[ \t]+.*)*)", paragraph, re.MULTILINE):
            fields[name.lower()] = value
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").strip() == "no":
            continue
        suites, components = tuple(fields["suites"].split()), tuple(fields.get("components", "").split())
        for uri in fields["uris"].split():
            yield Source(uri.rstrip("/"), suites, components, _key(fields.get("signed-by")))


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def _key(signed_by: str | None) -> str | None:
    """A key file's path; keys written into the configuration itself are of no use to debootstrap."""
    path = (signed_by or "").strip()
    return path if path.startswith("/") and "\n" not in path else None
