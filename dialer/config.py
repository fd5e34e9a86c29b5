"""Where is everything, and within which bounds does the engine work? Environment first, flags over it.

Settings of campaigns are data and live in the database; what is here belongs to the installation. Secrets are read
from the environment or from files, never from the command line, where every process of the machine could read them.
"""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Self

from audio.voices import ENGINES
from dialer.core.numbers import NumberingPlan
from dialer.core.rates import Rate

PREFIX = "DZWONEK_"


class ConfigurationProblem(Exception):
    """A setting cannot be used; the message names it and says what it may be."""


def _setting(default: Any, what: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"what": what, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default; ``DZWONEK_`` and the name in capitals is its variable."""

    database: str = _setting("sqlite:///var/dzwonek.db", "database URL: sqlite:///FILE or postgresql://…")
    listen: str = _setting("127.0.0.1:8080", "address and port of the HTTP API")
    tls_certificate: str = _setting("", "file with the API's certificate and those above it: it speaks TLS itself")
    tls_key: str = _setting("", "file with the key of tls_certificate, not encrypted")
    tls_client_authority: str = _setting("", "file of the authority whose certificates senders with keys show")
    tls_revoked: str = _setting("", "file with the revocation list of tls_client_authority")
    trusted_proxy: str = _setting("", "address of the TLS proxy in front, if the API does not speak TLS itself")
    session_idle_minutes: float = _setting(30.0, "a session in which nothing is asked for so long has ended")
    session_hours: float = _setting(12.0, "so long a session lasts at most")
    webhook_networks: str = _setting("", "private networks whose receivers may be told of events, e.g. 10.1.0.0/16")
    plan: NumberingPlan = _setting(NumberingPlan.PL, "numbering plan: pl, or test for the test overlay")
    ami: str = _setting("127.0.0.1:5038", "address and port of Asterisk's manager interface")
    ami_user: str = _setting("dzwonek", "user in Asterisk's manager.conf")
    ami_secret: str = _setting("", "its secret (or DZWONEK_AMI_SECRET_FILE)", secret=True)
    agi_listen: str = _setting("127.0.0.1:4573", "address and port of our FastAGI server, as the dialplan has it")
    agi_peers: str = _setting("", "Asterisk's addresses, separated by commas, if FastAGI is not on loopback")
    trunk: str = _setting("carrier", "PJSIP endpoint of the trunk")
    dial: str = _setting("PJSIP/{number}@{trunk}", "dial string; {number} has the plus, {digits} has not")
    calls_per_second: float = _setting(5.0, "calls that may be placed in any second")
    concurrent_calls: int = _setting(30, "calls that may exist at the same time")
    trunks: str = _setting("", "file of several trunks, in place of trunk, calls_per_second and concurrent_calls")
    outstanding_calls: int = _setting(50, "calls sent that Asterisk has not begun yet")
    spool: Path = _setting(Path("var/spool"), "private folder for call lists while they are taken")
    placing: Path = _setting(Path("var/placing"), "private folder; tells after a crash what was never placed")
    sounds: Path = _setting(Path("var/sounds"), "folder of the rendered messages")
    recordings: Path = _setting(Path("var/recordings"), "folder of recorded talks; Asterisk writes, the engine removes")
    recordings_in_asterisk: str = _setting("", "the same folder as Asterisk sees it, if its path differs")
    recordings_keep_days: int = _setting(90, "how long recorded talks are kept")
    sounds_in_asterisk: str = _setting("", "the same folder as Asterisk sees it, if its path differs")
    sounds_group: str = _setting("", "system group that Asterisk reads the sounds with")
    sounds_keep_mib: int = _setting(4096, "size of the sound cache")
    speech: str = _setting("espeak-ng", "who speaks the shipped voices: espeak-ng, rhvoice, or tone for trials")
    voices: str = _setting("", "file with voices of your own, beside those shipped")
    profiles: str = _setting("", "file with rule profiles of your own, beside those shipped")
    caller_numbers: str = _setting("", "file with the numbers that may be presented, one a line; empty: any")
    receive_only: str = _setting("", "file with the regulator's numbers that nobody may present, one a line")
    requests_per_second: float = _setting(50.0, "requests of a key without a rate of its own that are answered")
    min_gap_minutes: float = _setting(5.0, "the shortest spacing a campaign may set")
    max_batch_mib: int = _setting(1024, "largest call list, decompressed; JSON documents: 64")
    grace_seconds: float = _setting(30.0, "how long calls may go on when the engine is told to stop")
    inbound_calls: int = _setting(20, "callers of brands' numbers that are answered at the same time")
    agent_beep: bool = _setting(False, "agents hear DZWONEK_BEEP as a caller is joined")
    log_format: str = _setting("text", "text or json")
    log_level: str = _setting("info", "debug, info, warning or error")

    @classmethod
    def add_flags(cls, parser: ArgumentParser) -> None:
        """A flag for every setting but the secrets."""
        for each in fields(cls):
            if each.metadata["secret"]:
                continue
            default = "" if each.default is MISSING else each.default
            parser.add_argument(
                f"--{each.name.replace('_', '-')}",
                metavar="VALUE",
                help=f"{each.metadata['what']} [{PREFIX}{each.name.upper()}; {default or 'empty'}]".replace("%", "%%"),
            )

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, flags: Namespace | None = None) -> Self:
        """The settings in force.

        Raises:
            ConfigurationProblem: a value is not what it may be, or a variable is misspelt.
        """
        known = {f"{PREFIX}{each.name.upper()}" for each in fields(cls)}
        secret_files = {f"{PREFIX}{each.name.upper()}_FILE" for each in fields(cls) if each.metadata["secret"]}
        for name in environment:
            if name.startswith(PREFIX) and name not in known | secret_files:
                raise ConfigurationProblem(f"{name} is no setting; the settings are shown by: dzwonek up --help")
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = getattr(flags, each.name, None)
            if text is None:
                text = environment.get(f"{PREFIX}{each.name.upper()}")
            if text is None and each.metadata["secret"]:
                text = _from_file(environment.get(f"{PREFIX}{each.name.upper()}_FILE"))
            if text is not None:
                values[each.name] = _typed(each.name, text, each.default)
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        self._check_tls()
        agi_host, _ = address("agi_listen", self.agi_listen)
        if not _is_loopback("agi_listen", agi_host) and not self.agi_peers:
            raise ConfigurationProblem(
                f"agi_listen={self.agi_listen} is not on loopback, and FastAGI knows no passwords: "
                "name Asterisk's addresses in agi_peers"
            )
        networks("webhook_networks", self.webhook_networks)
        address("ami", self.ami)
        for name, choices in (("log_format", ("text", "json")), ("speech", ENGINES)):
            if getattr(self, name) not in choices:
                raise ConfigurationProblem(f"{name} is {getattr(self, name)!r}; it may be {' or '.join(choices)}")
        check_dial("dial", self.dial)
        if self.plan is not NumberingPlan.TEST and self.min_gap_minutes < 1:
            raise ConfigurationProblem("min_gap_minutes below 1 is for trials with the test numbering plan only")

    def _check_tls(self) -> None:
        host, _ = address("listen", self.listen)
        if not _is_loopback("listen", host) and not (self.trusted_proxy or self.tls_certificate):
            raise ConfigurationProblem(
                f"listen={self.listen} is not on loopback: plain HTTP would show personal data on the network; "
                "name a certificate in tls_certificate, or put a TLS proxy in front and name it in trusted_proxy"
            )
        for name, other in (
            ("tls_certificate", "tls_key"),
            ("tls_key", "tls_certificate"),
            ("tls_client_authority", "tls_certificate"),
            ("tls_revoked", "tls_client_authority"),
        ):
            if getattr(self, name) and not getattr(self, other):
                raise ConfigurationProblem(f"{name} needs {other}, which names no file")


def address(name: str, text: str) -> tuple[str, int]:
    """HOST:PORT taken apart."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ConfigurationProblem(f"{name} is {text!r}; it should be an address and a port, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def check_dial(name: str, dial: str) -> None:
    """ConfigurationProblem for a dial string that names no number, or what nobody gives it."""
    if "{number}" not in dial and "{digits}" not in dial:
        raise ConfigurationProblem(f"{name}={dial} names no {{number}} or {{digits}}")
    try:
        dial.format(number="", digits="", trunk="")
    except (LookupError, ValueError) as error:
        raise ConfigurationProblem(
            f"{name}={dial}: only {{number}}, {{digits}} and {{trunk}} stand for something"
        ) from error


def networks(name: str, text: str) -> list[IPv4Network | IPv6Network]:
    """Networks in their usual notation, separated by commas."""
    try:
        return [ip_network(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise ConfigurationProblem(f"{name}: {error}; it should be like 10.1.0.0/16,fd00::/8") from error


def rate_of_each(settings: Settings) -> Rate:
    if settings.requests_per_second <= 0:
        raise ConfigurationProblem("requests_per_second must be above 0")
    return Rate.steady(settings.requests_per_second)


def _is_loopback(name: str, host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError as error:
        raise ConfigurationProblem(f"{name}: {host!r} is no IP address; name the address to listen on") from error


def _from_file(path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationProblem(f"the secret file {path} cannot be read: {error.strerror}") from error


def _typed(name: str, text: str, default: Any) -> Any:
    kind = type(default)
    if kind is bool:
        if text not in ("yes", "no"):
            raise ConfigurationProblem(f"{name} is {text!r}; it may be yes or no")
        return text == "yes"
    try:
        return kind(text)
    except ValueError as error:
        choices = f" (one of {', '.join(kind)})" if issubclass(kind, NumberingPlan) else ""
        raise ConfigurationProblem(f"{name} is {text!r}, which is no {kind.__name__}{choices}") from error
