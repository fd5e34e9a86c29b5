"""What stands in the configuration files of this laboratory's programs?

The files under etc/ are templates: `@{NAME}` is replaced (`$` belongs to Asterisk's dialplan, `@@` is one `@`).
"""

from __future__ import annotations

import resource
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dialer.adapters.carrier.script import ATTEMPTS
from lab.settings import PROJECT, Settings, Softphone, Switchboard

TEMPLATES = Path(__file__).with_name("etc")
ASTERISK_CONF = PROJECT / "asterisk_conf"
# In recent releases cdr_custom stands on res_cdrel_custom; older ones only note that it is missing.
CDR_MODULES = "load = res_cdrel_custom.so\nload = cdr_custom.so"
# Asterisk asks for these; there is nothing to set in them.
EMPTY = ("acl", "ccss", "cel", "features", "pjproject", "udptl")


class Template(string.Template):
    """`@{NAME}` instead of `${NAME}`."""

    delimiter = "@"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The passwords of one laboratory, made when it starts."""

    engine: str
    witness: str
    agents: str


def render(template: str, values: Mapping[str, object]) -> str:
    """The text of a template under etc/; a name without a value is a KeyError."""
    return Template((TEMPLATES / template).read_text("utf-8")).substitute(values)


def write_switchboard(settings: Settings, board: Switchboard, secrets: Secrets) -> None:
    """Write the configuration of one Asterisk into its directory of the state."""
    home = settings.state / board.name
    for part in ("etc", "cache", "lib", "db", "keys", "agi", "spool", "run", "log", "log/cdr-custom"):
        (home / part).mkdir(parents=True, exist_ok=True)
    values = _values(settings, board, secrets)
    for folder in ("common", board.name):
        for template in (TEMPLATES / folder).glob("*.conf"):
            text = render(f"{folder}/{template.name}", values)
            _write_private(home / "etc" / template.name, text)
    for name in EMPTY:
        (home / "etc" / f"{name}.conf").write_text("; nothing to set\n", "utf-8")


def write_softphone(settings: Settings, phone: Softphone, secrets: Secrets) -> Path:
    """Write a softphone's configuration; answers its directory."""
    home = settings.state / phone.name
    heard = home / "heard"
    heard.mkdir(parents=True, exist_ok=True)
    values = {
        "NAME": phone.name,
        "SIP": phone.sip,
        "CONTROL": phone.control,
        "PBX_SIP": settings.pbx.sip,
        "RTP_FIRST": phone.rtp.first,
        "RTP_LAST": phone.rtp.last,
        "SECRET": secrets.agents,
        "HEARD": heard,
        "VOICE_HERTZ": phone.hertz,
        "MODULES": "/usr/lib/baresip/modules",
    }
    for name in ("config", "accounts"):
        _write_private(home / name, render(f"softphone/{name}", values))
    return home


def _values(settings: Settings, board: Switchboard, secrets: Secrets) -> dict[str, object]:
    is_carrier = board.name == settings.carrier.name
    agents = [
        render("softphone/endpoint.conf", {"NAME": phone.name, "SECRET": secrets.agents})
        for phone in settings.softphones
    ]
    return {
        "NAME": board.name,
        "HOME": settings.state / board.name,
        "SOUNDS": settings.state / "sounds",
        "HEARD": settings.state / "carrier" / "heard",
        "ASTERISK_CONF": ASTERISK_CONF,
        "OPEN_FILES": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        # Without RTP in the callee's silence, answering machine detection at the PBX hears nothing and decides nothing.
        "TRANSMIT_SILENCE": "yes" if is_carrier else "no",
        "MORE_MODULES": CDR_MODULES if is_carrier else "",
        "ATTEMPTS": ATTEMPTS,
        "SIP_HOST": board.sip.host,
        "SIP_PORT": board.sip.port,
        "AMI_HOST": board.ami.host,
        "AMI_PORT": board.ami.port,
        "RTP_FIRST": board.rtp.first,
        "RTP_LAST": board.rtp.last,
        "PBX_SIP": settings.pbx.sip,
        "PBX_HOST": settings.pbx.sip.host,
        "CARRIER_SIP": settings.carrier.sip,
        "CARRIER_HOST": settings.carrier.sip.host,
        "LOAD_SIP": settings.load_sip,
        "LOAD_HOST": settings.load_sip.host,
        "AGI": settings.agi,
        "AGENTS": "\n".join(agents),
        "ENGINE_SECRET": secrets.engine,
        "WITNESS_SECRET": secrets.witness,
    }


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
