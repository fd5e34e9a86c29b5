"""The rule profiles that are shipped, and the laboratory's."""

from dialer.config_files import profiles_in
from lab.engine import PROFILES as LABORATORY

PROFILES = profiles_in(str(LABORATORY))
