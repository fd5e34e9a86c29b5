"""Does docker-compose.yml start what the code and the documents promise, and open nothing else?"""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from ipaddress import ip_address

import pytest
import yaml

from dialer.config import PREFIX, Settings, address
from lab.configuration import ASTERISK_CONF, TEMPLATES
from tests.containers.compose import FILE, PROJECT, Refused, Service, services
from tests.support.asterisk_config import category, parse

SECRET = {"DZWONEK_AMI_SECRET": "made-for-this-test"}
CONTAINERS = PROJECT / "containers"
ASTERISK = CONTAINERS / "asterisk"
# Loopback is right within the shared network, and the sounds have one path in both containers.
NOT_TO_CHANGE = {"ami", "ami_user", "agi_listen", "agi_peers", "sounds_in_asterisk"}


def engine(**more: str) -> Service:
    return services(SECRET | more)["engine"]


def settings(**more: str) -> Settings:
    return Settings.read(engine(**more).environment)


def test_nothing_starts_without_a_secret() -> None:
    with pytest.raises(Refused, match=r"DZWONEK_AMI_SECRET: .*docs/containers\.md"):
        services({})


def test_no_secret_is_written_into_the_file() -> None:
    said = [(name, text) for each in services(SECRET).values() for name, text in each.said["environment"].items()]
    secret = [text for name, text in said if re.search(r"SECRET|PASSWORD", name)]
    assert len(secret) == 4
    assert all(re.fullmatch(r"\$\{\w+:(\?[^}]+|-)\}", text) for text in secret)
    assert not re.search(r"://[^/@\s]+:[^/@\s]+@", FILE.read_text("utf-8"))


def test_the_engine_starts_with_what_it_is_given() -> None:
    assert settings().ami_secret == SECRET["DZWONEK_AMI_SECRET"]
    assert settings().log_format == "json"
    assert settings(DZWONEK_TRUNK="mine", DZWONEK_PLAN="test").trunk == "mine"


def test_every_setting_of_an_installation_can_be_chosen() -> None:
    given = {name.removeprefix(PREFIX).lower() for name in engine().said["environment"] if name.startswith(PREFIX)}
    assert given == {each.name for each in fields(Settings)} - NOT_TO_CHANGE


@pytest.mark.parametrize("name", ["listen", "ami", "agi_listen"])
def test_it_is_heard_on_loopback_only(name: str) -> None:
    host, _ = address(name, getattr(settings(), name))
    assert ip_address(host).is_loopback


def test_no_port_is_published() -> None:
    for service in services(SECRET).values():
        assert "ports" not in service.said
        assert service.said["network_mode"] in {"host", "none"}


def test_only_asterisk_and_the_engine_are_on_the_hosts_network() -> None:
    on_host = {name for name, each in services(SECRET).items() if each.said["network_mode"] == "host"}
    assert on_host == {"asterisk", "engine"}


def test_asterisk_offers_its_manager_on_loopback_only() -> None:
    (general,) = (each for each in parse((ASTERISK / "etc/manager.conf").read_text("utf-8")) if each.name == "general")
    host, port = address("ami", settings().ami)
    assert (general.values("bindaddr"), general.values("port")) == ([host], [str(port)])
    assert general.values("webenabled") == ["no"]


def test_asterisk_sees_the_messages_under_the_same_path_and_cannot_change_them() -> None:
    spoken = settings().sounds
    written, seen = engine().mount_of(str(spoken)), services(SECRET)["asterisk"].mount_of(str(spoken))
    assert (written.source, written.target) == (seen.source, seen.target)
    assert seen.is_read_only
    assert not written.is_read_only


def test_asterisk_and_the_engine_mean_the_same_group() -> None:
    group = settings().sounds_group
    numbers = set()
    for image in ("asterisk", "engine"):
        found = re.search(rf"groupadd --gid (\d+) {group}\b", (CONTAINERS / image / "Dockerfile").read_text("utf-8"))
        assert found, f"the image of {image} has no group {group}"
        numbers.add(found[1])
    assert len(numbers) == 1


def test_what_must_outlive_a_container_is_in_a_volume() -> None:
    database = settings().database.removeprefix("sqlite:///")
    volumes = yaml.safe_load(FILE.read_text("utf-8"))["volumes"]
    for path in (database, str(settings().spool), str(settings().placing), str(settings().sounds)):
        assert engine().mount_of(path).source in volumes
    assert services(SECRET)["postgres"].mount_of("/var/lib/postgresql/data").source in volumes


def test_every_mounted_folder_exists() -> None:
    bound = [mount for each in services(SECRET).values() for mount in each.mounts if mount.kind == "bind"]
    assert bound
    assert all((PROJECT / mount.source).is_dir() for mount in bound)


def test_the_containers_may_do_nothing_they_need_not() -> None:
    for name, each in yaml.safe_load(FILE.read_text("utf-8"))["services"].items():
        assert each["read_only"], name
        assert each["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in each["security_opt"], name
        assert not each.get("privileged"), name
    for image in ("asterisk", "engine"):
        assert re.search(r"^USER (?!root)\w+$", (CONTAINERS / image / "Dockerfile").read_text("utf-8"), re.MULTILINE)


def test_calls_may_end_before_the_engine_is_killed() -> None:
    patience = timedelta(seconds=int(engine().said["stop_grace_period"].removesuffix("s")))
    assert patience >= timedelta(seconds=settings().grace_seconds) + timedelta(seconds=20)


def test_postgresql_is_an_option_and_takes_no_password_by_default() -> None:
    postgres = services(SECRET)["postgres"]
    assert postgres.said["profiles"] == ["postgres"]
    assert postgres.environment["POSTGRES_PASSWORD"] == ""  # its image refuses to start with that
    assert not engine().said["depends_on"]["postgres"]["required"]


def test_postgresql_is_reached_over_the_shared_socket() -> None:
    sockets = "/run/postgresql"
    assert engine().mount_of(sockets).source == services(SECRET)["postgres"].mount_of(sockets).source
    document = (PROJECT / "docs/containers.md").read_text("utf-8")
    assert f"DZWONEK_DATABASE=postgresql://dzwonek@/dzwonek?host={sockets}" in document


def test_asterisk_loads_what_the_laboratory_proved() -> None:
    def loaded(text: str) -> set[str]:
        return set(re.findall(r"^load = (\w+)\.so", text, re.MULTILINE))

    proved = loaded((TEMPLATES / "common/modules.conf").read_text("utf-8"))
    assert proved
    assert proved <= loaded((ASTERISK / "etc/modules.conf").read_text("utf-8"))


def test_every_included_file_is_there_or_told_about() -> None:
    known = {each.name for folder in (ASTERISK_CONF, ASTERISK / "etc") for each in folder.glob("*.conf")}
    known |= {"site/trunk.conf", "/var/asterisk/manager_secret.conf"}  # the operator's, and the entry point's
    for file in (ASTERISK / "etc").glob("*.conf"):
        included = re.findall(r"^#include (\S+)", file.read_text("utf-8"), re.MULTILINE)
        assert set(included) <= known, file.name


def test_the_sample_trunk_bears_the_name_that_the_engine_dials() -> None:
    text = (ASTERISK / "site/trunk.conf.sample").read_text("utf-8")
    templates = {each.name for each in parse((ASTERISK_CONF / "pjsip_dzwonek.conf").read_text("utf-8"))}
    trunk = [each for each in parse(text) if each.name == settings().trunk]
    assert {template for each in trunk for template in each.templates} == {"dzwonek-trunk", "dzwonek-trunk-address"}
    assert {template for each in parse(text) for template in each.templates} <= templates
    assert category(text, "udp").values("type") == ["transport"]


def test_nothing_of_one_installation_gets_into_an_image() -> None:
    ignored = (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    assert "containers/asterisk/site" in ignored
    assert not [line for line in ignored if line.startswith(("!.env", "!.git", "!var"))]


def test_images_are_named_without_a_registry() -> None:
    dockerfiles = [file.read_text("utf-8") for file in CONTAINERS.glob("*/Dockerfile")]
    named = [name for text in dockerfiles for name in re.findall(r"^FROM (\S+)", text, re.MULTILINE)]
    named += [each.said["image"] for each in services(SECRET).values()]
    assert not [name for name in named if re.match(r"[^/]*[.:][^/]*/", name)]
