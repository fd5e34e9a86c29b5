"""Which of Asterisk's modules do we use, and what for?

Asterisk's core has the rest of what asterisk_conf/ and FastAGI name (``CORE``); a test compares. Codecs are the
trunk's business; bridge_native_rtp, which must not be there, is a question of its own in ``dzwonek check``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Module:
    """``serves``: what does not work without it."""

    name: str
    serves: str
    variable: str = ""  # a global one: the module is needed only where it is set


MODULES: Final = (
    Module("pbx_config", "the dialplan, extensions.conf"),
    Module("chan_pjsip", "calls over SIP"),
    Module("res_pjsip_session", "calls over SIP"),
    Module("res_pjsip_sdp_rtp", "sound in calls over SIP"),
    Module("res_rtp_asterisk", "sound in calls over SIP"),
    Module("res_agi", "messages: every answered call asks the engine over FastAGI"),
    Module("format_pcm", "messages: they are files of A-law"),
    Module("app_playback", "the apology while the engine is away"),
    Module("app_exec", "the dialplan: ExecIf"),
    Module("bridge_simple", "joining callers with agents"),
    Module("res_pjsip_registrar", "agents' telephones that register"),
    Module("app_dial", "agents with leg ring"),
    Module("app_stack", "supervisors who hear agents with leg ring"),
    Module("app_chanspy", "supervisors who listen, whisper and barge in"),
    Module("app_mixmonitor", "recorded talks"),
    Module("format_wav", "recorded talks and disputes"),
    Module("func_talkdetect", "campaigns with machine_detection"),
    Module("res_musiconhold", "the music for agents that DZWONEK_MUSIC names", "DZWONEK_MUSIC"),
    Module("func_pjsip_endpoint", "finding out which trunks and telephones there are"),
    Module("func_dialplan", "finding out whether the dialplan is there"),
)
# Which module has what the dialplan and FastAGI's EXEC name.
APPLICATIONS: Final[Mapping[str, str]] = {
    "AGI": "res_agi",
    "ChanSpy": "app_chanspy",
    "Dial": "app_dial",
    "ExecIf": "app_exec",
    "MixMonitor": "app_mixmonitor",
    "MusicOnHold": "res_musiconhold",
    "Playback": "app_playback",
    "Return": "app_stack",
    "TALK_DETECT": "func_talkdetect",
}
CORE: Final = frozenset({"Bridge", "FEATURE", "Goto", "GotoIf", "Hangup", "Set", "Wait"})
REMEDY: Final = "load = {name}.so in modules.conf, then: asterisk -rx 'module load {name}.so'"
