"""The command ``dzwonek`` (``python -m dialer``): up, simulate, stop, resume, status, keys, users, check."""

import argparse
import getpass
import os
import socket
import sys
from datetime import timedelta
from typing import TypeAlias

import uvloop
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from api.keys import PerSecond
from api.operations import UserName
from api.scopes import OF_KEYS
from audio.speech import AudioFailed
from dialer.adapters.simulated.lists import UnusableFile
from dialer.adapters.simulated.time import in_simulated_time
from dialer.adapters.store import DatabaseUnusable
from dialer.commands import check, keys, simulate_agents, simulate_agents_screen, simulate_flags, stop, users
from dialer.commands.simulate import simulate
from dialer.commands.simulate_screen import WIDE, Progress, draw_team, show_outcome, write_report
from dialer.commands.up import up
from dialer.config import ConfigurationProblem, Settings
from dialer.lists.calllist import FileProblem
from dialer.logs import set_up
from dialer.ports.origin import ORIGIN
from dialer.ports.store import LONGEST_REASON

UNUSABLE = 2  # exit code: it cannot start as it is configured
Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

SOLVABLE = (ConfigurationProblem, DatabaseUnusable, AudioFailed, UnusableFile, FileProblem)
SWITCH_INTERVAL = 0.001  # s: a database thread may not hold up an answered call for the default 5 ms


def main() -> None:
    """Run a command; problems that a person can solve are told in one line."""
    arguments = _parser().parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        settings = Settings.read(flags=arguments)
        set_up(settings.log_format, settings.log_level if arguments.command == "up" else "error")
        if arguments.command == "simulate":
            sys.exit(_simulate_floor(arguments) if simulate_agents.is_alone(arguments) else _simulate(arguments))
        sys.exit(uvloop.run(_run(arguments, settings)))
    except SOLVABLE as problem:
        sys.stderr.write(f"dzwonek: {problem}\n")
        sys.exit(UNUSABLE)
    except BaseExceptionGroup as group:
        solvable, rest = group.split(SOLVABLE)
        if rest is not None or solvable is None:
            raise
        sys.stderr.write(f"dzwonek: {solvable.exceptions[0]}\n")
        sys.exit(UNUSABLE)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dzwonek", description="A dialer that reminds politely, and knows when to stop."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    Settings.add_flags(commands.add_parser("up", help="run the engine: dialer, FastAGI and HTTP API"))
    Settings.add_flags(commands.add_parser("check", help="tell what is missing before calls can be placed"))
    simulate_flags.add_flags(
        commands.add_parser("simulate", help="call a list without Asterisk: days of the engine in minutes")
    )
    stopping = commands.add_parser("stop", help="place no more calls, whatever happens, until: dzwonek resume")
    stopping.add_argument("--hang-up", action="store_true", help="give up the calls that ring, too")
    resuming = commands.add_parser("resume", help="let calls be placed again")
    for ordering in (stopping, resuming):
        ordering.add_argument("--reason", type=_reason, help="kept with the order; name nobody")
        Settings.add_flags(ordering)
    Settings.add_flags(commands.add_parser("status", help="tell whether calls may be placed: exit code 0 if so"))
    _add_keys(commands.add_parser("keys", help="keys to the HTTP API").add_subparsers(dest="action", required=True))
    _add_users(commands.add_parser("users", help="people who use the API").add_subparsers(dest="action", required=True))
    return parser


def _add_users(actions: Actions) -> None:
    admin = actions.add_parser("admin", help="make an admin and show a password for once")
    reset = actions.add_parser("reset", help="let a user in again: another password for once, no second factor")
    for making in (admin, reset):
        making.add_argument("name", type=_user_name, help="as they sign in")
    for each in (admin, reset, actions.add_parser("list", help="show every user")):
        Settings.add_flags(each)


def _user_name(text: str) -> str:
    try:
        return TypeAdapter[str](UserName).validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("2 to 40 of a-z, 0-9, dot, underscore and dash") from error


def _add_keys(actions: Actions) -> None:
    create = actions.add_parser("create", help="make a key and show it, once")
    create.add_argument(
        "--scope", action="append", required=True, choices=[*sorted(OF_KEYS), "all"], help="may be repeated"
    )
    create.add_argument("--client", help="bind the key to one client; without it, it is the operator's")
    create.add_argument("--label", default="", help="whose key it is")
    create.add_argument("--days", type=_days, help="for how long it opens; without it, until it is revoked")
    create.add_argument("--rate", type=_rate, help="requests a second that are answered; without it, as of others")
    rate = actions.add_parser("rate", help="let a key ask more often than others, or less")
    rate.add_argument("prefix", help="what the key begins with, before the dot")
    rate.add_argument("rate", type=_rate, help="requests a second that are answered; default: as of others")
    rotate = actions.add_parser("rotate", help="give a key another secret and show it, once")
    rotate.add_argument("--grace-days", type=_days, default=timedelta(days=1), help="how long the former secret opens")
    revoke = actions.add_parser("revoke", help="let a key open nothing any more")
    for changing in (rotate, revoke):
        changing.add_argument("prefix", help="what the key begins with, before the dot")
    for each in (create, rate, rotate, revoke, actions.add_parser("list", help="show every key, without its secret")):
        Settings.add_flags(each)


def _rate(text: str) -> float | None:
    """None for the word ``default``."""
    try:
        return None if text == "default" else TypeAdapter[float](PerSecond).validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("a number of requests from 0.01 to 10000, or default") from error


def _days(text: str) -> timedelta:
    try:
        return timedelta(days=min(max(float(text), 0.0), 36500.0))
    except ValueError as error:
        raise argparse.ArgumentTypeError("a number of days") from error


def _reason(text: str) -> str:
    if len(text) > LONGEST_REASON or not text.isprintable():
        raise argparse.ArgumentTypeError(f"one line of at most {LONGEST_REASON} characters")
    return text


def _simulate_floor(arguments: argparse.Namespace) -> int:
    """0 if our own pacing stayed within the limit, else 1."""
    wanted = simulate_flags.wanted_of_agents(arguments)
    found = simulate_agents.simulate(wanted)
    simulate_agents_screen.show(_console(), wanted, found)
    if wanted.plot:
        simulate_agents_screen.draw(wanted, found, wanted.plot)
    return 0 if found[0].abandoned <= wanted.rules.abandonment_limit else 1


def _simulate(arguments: argparse.Namespace) -> int:
    """0 if every promise was kept, else 1."""
    wanted, console = simulate_flags.wanted(arguments), _console()
    progress = Progress(console, simulate_flags.HOME)
    try:
        outcome = in_simulated_time(simulate(wanted, progress.show))
    finally:
        progress.end()
    show_outcome(console, outcome)
    if arguments.report:
        write_report(outcome, arguments.report)
    if arguments.plot and outcome.team:
        draw_team(outcome.team, arguments.plot)
    return 0 if outcome.is_kept else 1


def _console() -> Console:
    """As wide as the terminal; into a file or a pipe, as wide as the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.command != "up":
        ORIGIN.set(f"{_user()}@{socket.gethostname()}")
    match arguments.command:
        case "up":
            await up(settings)
        case "check":
            findings = await check.check(settings)
            for finding in findings:
                sys.stdout.write(f"{'ok     ' if finding.is_well else 'MISSING'} {finding.subject}: {finding.state}\n")
                if not finding.is_well:
                    sys.stdout.write(f"        → {finding.remedy}\n")
            return 0 if all(finding.is_well for finding in findings) else 1
        case "stop":
            return _say(await stop.stop(settings, arguments.reason, hangs_up=arguments.hang_up))
        case "resume":
            return _say(await stop.resume(settings, arguments.reason))
        case "status":
            return _say(await stop.status(settings))
        case "keys":
            sys.stdout.write(f"{await _keys(arguments, settings)}\n")
            if arguments.action in ("create", "rotate"):
                sys.stderr.write("This is the only time the key is shown.\n")
        case "users":
            sys.stdout.write(f"{await _users(arguments, settings)}\n")
            if arguments.action != "list":
                sys.stderr.write("This is the only time the password is shown; it has to be changed first.\n")
    return 0


async def _users(arguments: argparse.Namespace, settings: Settings) -> str:
    match arguments.action:
        case "admin":
            return await users.admin(settings, arguments.name)
        case "reset":
            return await users.reset(settings, arguments.name)
    return await users.listing(settings)


async def _keys(arguments: argparse.Namespace, settings: Settings) -> str:
    match arguments.action:
        case "create":
            scopes = OF_KEYS if "all" in arguments.scope else frozenset(arguments.scope)
            return await keys.create(
                settings, scopes, arguments.client, arguments.label, arguments.days, arguments.rate
            )
        case "rate":
            return await keys.pace(settings, arguments.prefix, arguments.rate)
        case "rotate":
            return await keys.rotate(settings, arguments.prefix, arguments.grace_days)
        case "revoke":
            return await keys.revoke(settings, arguments.prefix)
    return await keys.listing(settings)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # containers run as users whom nobody has named
        return str(os.getuid())


def _say(told: stop.Told) -> int:
    sys.stdout.write(f"{told.text}\n")
    return told.code


if __name__ == "__main__":
    main()
