"""What would the world answer? A switch that follows stories and time that leaps, for trials and tests."""

from dialer.adapters.simulated.stories import SeededStories, Shares
from dialer.adapters.simulated.story import Listening, Stories, Story
from dialer.adapters.simulated.switch import SimulatedSwitch

__all__ = ["Listening", "SeededStories", "Shares", "SimulatedSwitch", "Stories", "Story"]
