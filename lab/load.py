"""A carrier for load: SIPp answers every call at once, and what the callee would hear is dropped by the kernel."""

from __future__ import annotations

import socket
import sys
from datetime import timedelta

from lab import LaboratoryError, configuration, process
from lab.ports import is_free
from lab.settings import PROJECT, Settings

PATIENCE = timedelta(seconds=5)


def up(settings: Settings, hold: timedelta | None = None) -> None:
    """Start it; with a hold the carrier hangs up after it, otherwise it waits for the PBX to."""
    register = process.Register(settings.state / "daemons")
    home = settings.state / "load"
    home.mkdir(parents=True, exist_ok=True)
    if register.running("sipp"):
        raise LaboratoryError("the load carrier runs already: end it with `python -m lab load-down`")
    scenario = home / "load.xml"
    scenario.write_text(_scenario(settings, hold), "utf-8")
    sink = [sys.executable, "-m", "lab.sink", settings.load_sink.host, str(settings.load_sink.port)]
    register.add(process.start("sink", ["env", "-C", str(PROJECT), *sink], home / "log"))
    host, port = settings.load_sip.host, str(settings.load_sip.port)
    sipp = ["sipp", "-sf", str(scenario), "-i", host, "-p", port, "-mi", host, "-ci", host, "-nostdin"]
    # The defaults allow 3 calls per answering second and keep a screen up to date that nobody sees.
    daemon = process.start(
        "sipp", [*sipp, "-l", "20000", "-f", "3600", "-trace_err", "-error_file", str(home / "errors")], home / "log"
    )
    register.add(daemon)
    if not process.wait_until(
        lambda: not is_free(settings.load_sip, socket.SOCK_DGRAM) or not daemon.is_running, PATIENCE
    ):
        raise LaboratoryError(f"SIPp did not start: see {home / 'log'}")


def down(settings: Settings) -> None:
    """End it."""
    register = process.Register(settings.state / "daemons")
    for daemon in register.all_running():
        if daemon.name in ("sipp", "sink"):
            register.end(daemon)


def _scenario(settings: Settings, hold: timedelta | None) -> str:
    if hold is None:
        ending = configuration.render("sipp/pbx_hangs_up.xml", {})
    else:
        ending = configuration.render("sipp/carrier_hangs_up.xml", {"HOLD_MS": int(hold / timedelta(milliseconds=1))})
    return configuration.render("sipp/load.xml", {"SINK_PORT": settings.load_sink.port, "ENDING": ending})
