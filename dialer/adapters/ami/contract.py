"""Which names must Asterisk's configuration and this adapter share? Each once; a test holds asterisk_conf/ to them."""

from collections.abc import Mapping
from typing import Final

from dialer.core.listening import ListenMode

USER: Final = "dzwonek"  # the section of manager.conf

# What an answered call runs. The dialplan knows the call by its Uniqueid, which is the attempt id.
CONTEXT: Final = "dzwonek"
EXTENSION: Final = "message"
PRIORITY: Final = "1"
AGI_ROUTE: Final = "/message"
INBOUND_CONTEXT: Final = "dzwonek-incoming"  # calls to us, from trunks
INBOUND_ROUTE: Final = "/inbound"
AGI_VARIABLE: Final = "DZWONEK_AGI"  # a global: host and port of our FastAGI server
AGI_DEFAULT: Final = "127.0.0.1:4573"  # what the dialplan takes when that variable is not set
# Set by the dialplan before AGI: otherwise a line HANGUP comes between the answers to AGI commands.
AGI_VARIABLES: Final = {"AGISIGHUP": "no"}

TALK_VARIABLE: Final = "DZWONEK_TALK"  # of a call: the pause, in ms, after which its callee counts as silent

LEG_EXTENSION: Final = "agent"  # where an agent's telephone waits between two callers
GROUP_VARIABLE: Final = "SPYGROUP"  # of a leg: the group in which ChanSpy finds it
GROUP: Final = "dzwonek-{agent}"
RING_EXTENSION: Final = "ring"  # puts a telephone that is called for one caller into its agent's group

EAR_EXTENSIONS: Final[Mapping[ListenMode, str]] = {mode: str(mode) for mode in ListenMode}  # a supervisor's telephone
EAR_VARIABLE: Final = "DZWONEK_AGENT"  # whom it hears

READ_PERMISSIONS: Final = frozenset({"system", "call"})  # without system FullyBooted never comes
WRITE_PERMISSIONS: Final = frozenset({"originate", "call", "reporting"})  # Originate; Hangup; CoreShowChannels

CALL_EVENTS: Final = frozenset(
    {"Newchannel", "Newstate", "DialState", "HangupRequest", "Hangup", "OriginateResponse"},
)
BRIDGED: Final = "BridgeEnter"  # a caller and an agent hear each other
TALKS: Final = "ChannelTalkingStart"  # func_talkdetect
SILENT: Final = "ChannelTalkingStop"
CONTACT: Final = "ContactStatus"  # a telephone registered, or stopped answering
BOOTED: Final = "FullyBooted"
LISTED: Final = "CoreShowChannel"
LIST_COMPLETE: Final = "CoreShowChannelsComplete"

# What the user's event filter must let through; the items of a list pass every filter.
FILTERED_EVENTS: Final = CALL_EVENTS | {BRIDGED, TALKS, SILENT, CONTACT, BOOTED}
WANTED_EVENTS: Final = FILTERED_EVENTS | {LISTED, LIST_COMPLETE}
