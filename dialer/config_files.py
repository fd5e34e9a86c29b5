"""What do the files say that settings name?"""

import re
from collections.abc import Sequence
from pathlib import Path

from audio.voices import VoiceProblem, Voices, voices
from dialer.config import ConfigurationProblem, Settings, check_dial
from dialer.core.brands import CallerNumbers
from dialer.core.profiles import ProfileProblem, Profiles, read_profiles
from dialer.core.routes import Route, RouteProblem, read_routes
from dialer.core.trunks import TrunkLimits

E164_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
SHIPPED = Path(__file__).with_name("profiles.json")


def profiles_in(file: str = "") -> Profiles:
    """The rule profiles that are shipped, and those of a file, if one is named.

    Raises:
        ConfigurationProblem: the file cannot be read or used.
    """
    shipped = read_profiles(SHIPPED.read_bytes(), {})
    if not file:
        return shipped
    try:
        return read_profiles(Path(file).read_bytes(), shipped)
    except OSError as error:
        raise ConfigurationProblem(f"profiles={file} cannot be read: {error.strerror}") from error
    except ProfileProblem as error:
        raise ConfigurationProblem(f"profiles={file}: {error}") from error


def callers_in(settings: Settings) -> CallerNumbers:
    """The numbers that may be presented.

    Raises:
        ConfigurationProblem: a file cannot be read, or a line of it is no number.
    """
    owned = _numbers("caller_numbers", settings.caller_numbers) if settings.caller_numbers else None
    return CallerNumbers(owned, _numbers("receive_only", settings.receive_only))


def _numbers(name: str, file: str) -> frozenset[str]:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines() if file else []
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationProblem(f"{name}={file} cannot be read: {error}") from error
    meant = [line.partition("#")[0].strip() for line in lines]
    for number, text in enumerate(meant, start=1):
        if text and not E164_NUMBER.fullmatch(text):
            raise ConfigurationProblem(f"{name}={file}, line {number}: a number is written like +48380000001")
    return frozenset(filter(None, meant))


def voices_in(settings: Settings) -> Voices:
    """The voices that are shipped, and those of a file, if one is named.

    Raises:
        ConfigurationProblem: the file cannot be read or used.
    """
    try:
        own = Path(settings.voices).read_bytes() if settings.voices else b"{}"
        return voices(settings.speech, own)
    except OSError as error:
        raise ConfigurationProblem(f"voices={settings.voices} cannot be read: {error.strerror}") from error
    except VoiceProblem as error:
        raise ConfigurationProblem(f"voices={settings.voices}: {error}") from error


def routes_in(settings: Settings) -> Sequence[Route]:
    """The trunks there are: those of the file, or the one of the settings.

    Raises:
        ConfigurationProblem: the file cannot be read or used, or a limit is not positive.
    """
    if not settings.trunks:
        try:
            limits = TrunkLimits(settings.calls_per_second, settings.concurrent_calls, settings.outstanding_calls)
        except ValueError as error:
            raise ConfigurationProblem(str(error)) from error
        return [Route(settings.trunk, limits)]
    try:
        routes = read_routes(Path(settings.trunks).read_bytes(), settings.outstanding_calls)
    except OSError as error:
        raise ConfigurationProblem(f"trunks={settings.trunks} cannot be read: {error.strerror}") from error
    except RouteProblem as error:
        raise ConfigurationProblem(f"trunks={settings.trunks}: {error}") from error
    for route in routes:
        if route.dial is not None:
            check_dial(f"{settings.trunks}: dial of {route.name}", route.dial)
    return routes
