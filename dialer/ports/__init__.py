"""What does the engine need from outside? Each port has a real adapter and a simulated twin with one contract suite."""

from dialer.core.farewell import Words
from dialer.ports.clock import Clock, IdSource
from dialer.ports.ears import EarEvent, Ears, EarsListener
from dialer.ports.farewell import Farewell
from dialer.ports.legs import LegEvent, Legs, LegsListener, LiveLeg
from dialer.ports.placing import NothingNoted, PlacingLog
from dialer.ports.switch import CallPhase, Presence, Switch, SwitchAway, SwitchListener, TalkListener

__all__ = [
    "CallPhase",
    "Clock",
    "EarEvent",
    "Ears",
    "EarsListener",
    "Farewell",
    "IdSource",
    "LegEvent",
    "Legs",
    "LegsListener",
    "LiveLeg",
    "NothingNoted",
    "PlacingLog",
    "Presence",
    "Switch",
    "SwitchAway",
    "SwitchListener",
    "TalkListener",
    "Words",
]
