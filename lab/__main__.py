"""The laboratory from the command line: `python -m lab --help`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from lab import LaboratoryError, load, settings
from lab.carrier import Manner, read_roles
from lab.laboratory import Laboratory
from lab.prepare import prepare


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        return _do(given)
    except (LaboratoryError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def _do(given: argparse.Namespace) -> int:
    configured = settings.load()
    laboratory = Laboratory(configured)
    match given.command:
        case "prepare":
            prepare(configured)
        case "up":
            roles = None if given.script is None else read_roles(given.script)
            laboratory.up(roles, _manner(given), given.agents)
            print("running:", *laboratory.running())
        case "script":
            laboratory.set_script(read_roles(given.file), _manner(given))
        case "down":
            laboratory.down()
        case "status":
            running = laboratory.running()
            print("running:", *running or ["nothing"])
            return 0 if running else 3
        case "show":
            logins = {name: getattr(laboratory, name) for name in ("pbx_ami", "pbx_witness", "carrier_witness")}
            print(json.dumps({name: asdict(login) for name, login in logins.items()}, indent=2))
        case "cli":
            print(laboratory.cli(given.board, " ".join(given.words)), end="")
        case "load-up":
            load.up(configured, None if given.hold is None else timedelta(seconds=given.hold))
        case "load-down":
            load.down(configured)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="A telephone network on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="install what is missing and fetch a real Asterisk (as root)")
    up = commands.add_parser("up", help="start the PBX and the simulated carrier")
    up.add_argument("--script", type=Path, help="what each number does, in the format of sim_outcomes.csv")
    up.add_argument("--agents", action="store_true", help="also start two softphones and wait for their registration")
    script = commands.add_parser("script", help="give the running carrier a new script; counters and log begin anew")
    script.add_argument("file", type=Path)
    for command in (up, script):
        command.add_argument(
            "--ring-scale", type=float, default=1.0, help="multiplies the ring times (0.1: ten times faster)"
        )
        command.add_argument("--record", action="store_true", help="record what the callees hear")
    commands.add_parser("down", help="end everything")
    commands.add_parser("status", help="what runs; exit code 3 when nothing does")
    commands.add_parser("show", help="the AMI logins, as JSON")
    cli = commands.add_parser("cli", help="a console command of one of the two Asterisks")
    cli.add_argument("board", choices=["pbx", "carrier"])
    cli.add_argument("words", nargs=argparse.REMAINDER)
    load_up = commands.add_parser("load-up", help="start SIPp as a carrier that answers at once")
    load_up.add_argument(
        "--hold", type=float, help="seconds after which it hangs up; by default it waits for the PBX to"
    )
    commands.add_parser("load-down", help="end SIPp")
    return parser


def _manner(given: argparse.Namespace) -> Manner:
    return Manner(given.ring_scale, given.record)


if __name__ == "__main__":
    sys.exit(main())
