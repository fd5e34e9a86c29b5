"""How does the laboratory start, change and end?

Every program runs under a pid that is remembered in the state directory, so that a later command, or a test,
finds it again.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.adapters.carrier import calllog
from dialer.adapters.carrier.script import Role
from lab import LaboratoryError, asterisk, configuration, process, sounds
from lab.carrier import Manner, dialplan
from lab.configuration import Secrets
from lab.ports import require_free
from lab.settings import Endpoint, Settings, Switchboard

BOOT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Login:
    """What an AMI client needs."""

    endpoint: Endpoint
    user: str
    secret: str


class Laboratory:
    """The laboratory that the settings describe, running or not."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._register = process.Register(settings.state / "daemons")

    # ---- start and end ---------------------------------------------------------------------------

    def up(self, roles: Iterable[Role] | None = None, manner: Manner | None = None, with_agents: bool = False) -> None:
        """Start what does not run yet and wait until it is ready; without roles a running carrier keeps its script."""
        with self._alone():
            binary = asterisk.require(self.settings)
            sounds.make(self.sounds)
            keys = self._secrets()
            boards = (self.settings.carrier, self.settings.pbx)
            running = [board for board in boards if self._register.running(board.name)]
            if roles is not None or self.settings.carrier not in running:
                self._write_script(roles or (), manner or Manner())
            for board in boards:
                if board not in running:
                    self._start_asterisk(binary, board, keys)
            for board in boards:
                self._wait_booted(board)
            self._wait_trunk()
            if self.settings.carrier in running:
                self.cli("carrier", "dialplan reload")
            if with_agents:
                self._start_softphones(keys)

    def down(self) -> None:
        """End every program of this laboratory; returns when none is left."""
        with self._alone():
            for daemon in self._register.all_running():
                self._register.end(daemon)

    def remember(self, daemon: process.Daemon) -> None:
        """A program that goes with the laboratory: ``down`` ends it too."""
        self._register.add(daemon)

    def running(self) -> list[str]:
        """The names of the programs that run."""
        return [daemon.name for daemon in self._register.all_running()]

    def start_pbx(self) -> None:
        """Start the PBX again after it was killed."""
        self._start_asterisk(asterisk.require(self.settings), self.settings.pbx, self._secrets())
        self._wait_booted(self.settings.pbx)
        self._wait_trunk()

    def kill_pbx(self) -> None:
        """SIGKILL: no goodbye to anybody, the carrier's legs stay up."""
        if daemon := self._register.running(self.settings.pbx.name):
            daemon.kill()

    def kill_softphone(self, name: str) -> None:
        """SIGKILL: a laptop that is closed."""
        if daemon := self._register.running(name):
            daemon.kill()

    def start_softphones(self) -> None:
        """Start those again that were killed, and wait until all have registered."""
        self._start_softphones(self._secrets())

    def restart_pbx(self) -> None:
        """`core restart now`: every call ends without a Hangup event; returns when the PBX has booted again."""
        daemon = self._daemon(self.settings.pbx)
        control = self._control_socket(self.settings.pbx)
        before = _made(control)
        self.cli("pbx", "core restart now")
        if not process.wait_until(lambda: _made(control) not in (None, before), BOOT):
            raise LaboratoryError(f"{daemon.name} (pid {daemon.pid}) did not restart")
        self._wait_booted(self.settings.pbx)

    @property
    def sounds(self) -> Path:
        """What the carrier's people say; a file laid there is a voice for the script."""
        return self.settings.state / "sounds"

    # ---- the carrier -----------------------------------------------------------------------------

    def set_script(self, roles: Iterable[Role], manner: Manner | None = None) -> None:
        """Give the carrier a new script; counters, call log and recordings begin anew."""
        self._daemon(self.settings.carrier)
        self._write_script(roles, manner or Manner())
        self.cli("carrier", "dialplan reload")

    def carrier_log(self) -> list[calllog.Call]:
        """The calls that began since the script was set and have ended."""
        try:
            # A call of the former script may end, and be written, only now.
            script_set = datetime.fromtimestamp(self._script.stat().st_mtime, UTC)
            with self._call_log.open(encoding="utf-8", newline="") as lines:
                return [call for call in calllog.parse(lines) if call.started >= script_set]
        except FileNotFoundError:
            return []

    def heard(self, number: str, attempt: int = 1) -> Path:
        """Where the recording of what the callee heard on that attempt is, 8 kHz WAV, when the manner is to record."""
        return self._heard / f"{number}-{attempt}.wav"

    def hang_up_everything_at_carrier(self) -> None:
        """What session timers do at a real carrier after the PBX has died."""
        self.cli("carrier", "channel request hangup all")

    def call_from_carrier(self, number: str, caller: str = "", keys: str = "") -> None:
        """Somebody calls the PBX and presses keys, each after the manner's pause; no caller: the number is withheld.

        What they hear is recorded (``heard_by_caller``). They stay until the PBX ends the call, or
        ``hang_up_everything_at_carrier``.
        """
        self.cli("carrier", "module load res_clioriginate.so")  # nobody else needs it
        called = f"{number}*{caller}*{'-'.join(keys)}"
        self.cli("carrier", f"channel originate Local/{called}@caller application Wait 300")

    def heard_by_caller(self, caller: str = "") -> Path:
        """The recording of what whoever called from that number heard, 8 kHz WAV."""
        return self._heard / f"call-{caller.lstrip('+')}.wav"

    def heard_by_agent(self, name: str) -> list[Path]:
        """Recordings of what came to a softphone's ear, one for each call to it, 8 kHz WAV; the last may still grow."""
        return sorted((self.settings.state / name / "heard").glob("dump-*-dec.wav"))

    # ---- ways in ---------------------------------------------------------------------------------

    @property
    def pbx_ami(self) -> Login:
        """The engine's login, with the rights of asterisk_conf/manager_dzwonek.conf."""
        return Login(self.settings.pbx.ami, "dzwonek", self._secrets().engine)

    @property
    def pbx_witness(self) -> Login:
        """A login at the PBX that sees and may do everything."""
        return Login(self.settings.pbx.ami, "witness", self._secrets().witness)

    @property
    def carrier_witness(self) -> Login:
        """The same at the carrier."""
        return Login(self.settings.carrier.ami, "witness", self._secrets().witness)

    def cli(self, board: str, command: str) -> str:
        """The answer of one Asterisk (`pbx` or `carrier`) to a command of its console."""
        conf = self.settings.state / board / "etc" / "asterisk.conf"
        return asterisk.run(asterisk.require(self.settings).command("-C", str(conf), "-rx", command))

    # ---- inside ----------------------------------------------------------------------------------

    @property
    def _call_log(self) -> Path:
        return self.settings.state / "carrier" / "log" / "cdr-custom" / "calls.csv"

    @property
    def _script(self) -> Path:
        return self.settings.state / "carrier" / "etc" / "script.conf"

    @property
    def _heard(self) -> Path:
        return self.settings.state / "carrier" / "heard"

    def _write_script(self, roles: Iterable[Role], manner: Manner) -> None:
        self._call_log.unlink(missing_ok=True)
        shutil.rmtree(self._heard, ignore_errors=True)
        self._heard.mkdir(parents=True)
        self._script.parent.mkdir(parents=True, exist_ok=True)
        self._script.write_text(dialplan(roles, manner), "utf-8")

    def _secrets(self) -> Secrets:
        file = self.settings.state / "secrets.json"
        if not file.exists():
            made = Secrets(*(secrets.token_urlsafe(24) for _ in range(3)))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(json.dumps(asdict(made)), "utf-8")
        return Secrets(**json.loads(file.read_text("utf-8")))

    def _start_asterisk(self, binary: asterisk.Asterisk, board: Switchboard, keys: Secrets) -> None:
        require_free(board.sip, socket.SOCK_DGRAM)
        require_free(board.ami, socket.SOCK_STREAM)
        configuration.write_switchboard(self.settings, board, keys)
        control = self._control_socket(board)
        if len(os.fsencode(control)) > 107:
            raise LaboratoryError(f"{control} is too long for a Unix socket: choose a shorter LAB_STATE")
        control.unlink(missing_ok=True)
        conf = self.settings.state / board.name / "etc" / "asterisk.conf"
        log = self.settings.state / board.name / "log" / "console"
        self._register.add(process.start(board.name, binary.command("-f", "-C", str(conf)), log))

    def _wait_booted(self, board: Switchboard) -> None:
        daemon, control = self._daemon(board), self._control_socket(board)
        process.wait_until(lambda: _accepts(control) or not daemon.is_running, BOOT)
        if not daemon.is_running or not _accepts(control):
            log = self.settings.state / board.name / "log"
            raise LaboratoryError(f"Asterisk `{board.name}` did not start:\n{_tail(log / 'console', log / 'messages')}")
        self.cli(board.name, "core waitfullybooted")

    def _wait_trunk(self) -> None:
        """Until the PBX knows that the carrier is there; by itself it would ask only within the next half minute."""
        name = self.settings.carrier.name
        self.cli("pbx", f"pjsip qualify {name}")
        if not process.wait_until(lambda: "Avail" in self.cli("pbx", f"pjsip show aor {name}"), BOOT):
            raise LaboratoryError("the PBX does not reach the carrier")

    def _start_softphones(self, keys: Secrets) -> None:
        for phone in self.settings.softphones:
            if self._register.running(phone.name):
                continue
            require_free(phone.sip, socket.SOCK_DGRAM)
            home = configuration.write_softphone(self.settings, phone, keys)
            command = ["baresip", "-f", str(home), "-n", phone.sip.host]
            self._register.add(process.start(phone.name, command, home / "log"))
        for phone in self.settings.softphones:
            if not process.wait_until(lambda name=phone.name: self._is_registered(name), BOOT):  # type: ignore[misc]
                raise LaboratoryError(
                    f"{phone.name} did not register:\n{_tail(self.settings.state / phone.name / 'log')}"
                )

    def _is_registered(self, name: str) -> bool:
        return f"Contact:  {name}/" in self.cli("pbx", f"pjsip show aor {name}")

    def _daemon(self, board: Switchboard) -> process.Daemon:
        daemon = self._register.running(board.name)
        if daemon is None:
            raise LaboratoryError(f"`{board.name}` is not running: start it with `python -m lab up`")
        return daemon

    def _control_socket(self, board: Switchboard) -> Path:
        return self.settings.state / board.name / "run" / "asterisk.ctl"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One start or end at a time; a second one waits."""
        self.settings.state.mkdir(parents=True, exist_ok=True)
        with (self.settings.state / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _made(control: Path) -> int | None:
    """When the socket was made, in nanoseconds; a new one may well have the inode of the old."""
    try:
        return control.stat().st_ctime_ns
    except FileNotFoundError:
        return None


def _accepts(control: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.fspath(control)) == 0


def _tail(*logs: Path, lines: int = 15) -> str:
    texts = [log.read_text("utf-8", errors="replace") for log in logs if log.exists()]
    return "\n".join("\n".join(text.splitlines()[-lines:]) for text in texts)
