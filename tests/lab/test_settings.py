"""Which addresses, ports and directories does the laboratory use?"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import LaboratoryError
from lab.settings import FILE, PROJECT, Endpoint, load

HOME = {"XDG_CACHE_HOME": "/var/cache/somebody"}


def test_the_file_describes_the_usual_laboratory() -> None:
    usual = load(HOME)
    assert usual.pbx.ami == Endpoint("127.0.0.1", 5038)
    assert usual.carrier.sip == Endpoint("127.0.0.2", 5060)
    assert [str(phone.sip) for phone in usual.softphones] == [f"127.0.0.{host}:5060" for host in range(11, 15)]
    assert usual.state == PROJECT / "var" / "lab"
    assert usual.cache == Path("/var/cache/somebody/dzwonek")


def test_two_laboratories_need_only_another_network() -> None:
    second = load({**HOME, "LAB_NETWORK": "127.0.7", "LAB_STATE": "/tmp/second"})
    hosts = {second.pbx.sip.host, second.carrier.sip.host, second.load_sip.host, second.agi.host}
    assert hosts == {"127.0.7.1", "127.0.7.2", "127.0.7.4"}
    assert second.state == Path("/tmp/second")


def test_a_missing_line_is_named() -> None:
    text = "\n".join(line for line in FILE.read_text("utf-8").splitlines() if "PBX_AMI_PORT" not in line)
    with pytest.raises(LaboratoryError, match="lacks PBX_AMI_PORT"):
        load(HOME, text)


def test_a_port_must_be_a_figure() -> None:
    with pytest.raises(LaboratoryError, match="'sip'"):
        load({**HOME, "LAB_PBX_SIP_PORT": "sip"})


def test_a_line_that_is_no_setting_is_refused() -> None:
    with pytest.raises(LaboratoryError, match="NAME=value"):
        load(HOME, "PBX_ADDRESS 127.0.0.1")
