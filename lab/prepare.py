"""What must be on this machine before the laboratory can start?

Debian packages (packages.txt) and a real Asterisk. What is there already is left alone: a second run takes a moment.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab import LaboratoryError, apt, asterisk
from lab.settings import Settings

PACKAGES = Path(__file__).with_name("packages.txt")
NEEDED_BYTES = 1_500_000_000  # 500 MB stay; the downloaded packages lie beside them for a while
PARTIAL = "asterisk-root.partial-"


def prepare(settings: Settings) -> None:
    """Install the missing packages and, unless a usable Asterisk is installed, fetch one."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    with _alone(settings.cache / "prepare.lock"):
        _install(missing_packages(PACKAGES.read_text("utf-8")))
        if asterisk.find(settings) is None:
            _fetch_asterisk(settings)
        print("asterisk:", asterisk.run(asterisk.require(settings).command("-V")).strip())


def missing_packages(listing: str) -> list[str]:
    """The packages of the list that dpkg does not know as installed."""
    wanted = [line.strip() for line in listing.splitlines() if line.strip() and not line.startswith("#")]
    if shutil.which("dpkg-query") is None:
        raise LaboratoryError(
            "this is no Debian machine: install Asterisk 20 or later and what lab/packages.txt names yourself"
        )
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n", *wanted]
    known = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[1] for line in known.splitlines() if line.startswith("installed ")}
    return [package for package in wanted if package not in installed]


def _install(packages: Sequence[str]) -> None:
    if not packages:
        return
    if os.geteuid() != 0:
        raise LaboratoryError(f"as root, run: apt-get install --no-install-recommends {' '.join(packages)}")
    print("installing", *packages, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "--quiet"], install):
        if _logged(command, environment) != 0:
            raise LaboratoryError(f"`{' '.join(command)}` failed: its last lines are above")


def _fetch_asterisk(settings: Settings) -> None:
    if os.geteuid() != 0:
        raise LaboratoryError("fetching an Asterisk needs root (debootstrap and chroot): run this as root")
    free = shutil.disk_usage(settings.cache).free
    if free < NEEDED_BYTES:
        raise LaboratoryError(
            f"{settings.cache} has {free >> 20} MB free, {NEEDED_BYTES >> 20} MB are needed: free some or set LAB_CACHE"
        )
    archive = _archive(settings)
    for leftover in settings.cache.glob(PARTIAL + "*"):
        shutil.rmtree(leftover)
    root = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=settings.cache))
    root.chmod(0o755)
    print(f"fetching Asterisk from Debian {settings.suite}, about a minute", flush=True)
    _debootstrap(archive, settings.suite, root)
    for package in (root / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    (root / asterisk.STAMP).touch()
    root.rename(asterisk.root_directory(settings))


def _debootstrap(archive: apt.Source, suite: str, root: Path) -> None:
    keyring = archive.signed_by or apt.KEYRING
    bootstrap = ["debootstrap", "--variant=minbase", "--include=asterisk", f"--keyring={keyring}"]
    # In a namespace of its own: an interrupted run leaves no /proc mounted in a directory that is deleted next time.
    command = ["unshare", "--mount", *bootstrap, suite, str(root), archive.uri]
    if _logged(command, _with_proxy(os.environ)) != 0:
        raise LaboratoryError(f"debootstrap of {suite} from {archive.uri} failed: its last lines are above")


def _archive(settings: Settings) -> apt.Source:
    """Debian's archive as the settings name it, as apt's files name it, or as apt itself knows it."""
    if settings.mirror:
        return apt.Source(settings.mirror, (settings.suite,), ("main",), None)
    codename = _codename()
    directory = Path("/etc/apt")
    files = [directory / "sources.list", *sorted((directory / "sources.list.d").glob("*"))]
    sources = [
        source
        for file in files
        if file.suffix in (".list", ".sources") and file.is_file()
        for source in apt.parse_sources(file.name, file.read_text("utf-8"))
    ]
    wanted = "$(ORIGIN) $(LABEL) $(REPO_URI) $(SUITE)"
    found = apt.main_archive(sources, codename) or apt.parse_index_targets(
        asterisk.run(["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"]), codename
    )
    if found is None:
        raise LaboratoryError("apt's configuration names no Debian archive: set LAB_MIRROR to the address of one")
    return found


def _codename() -> str:
    release = Path("/etc/os-release").read_text("utf-8")
    fields = dict(line.partition("=")[::2] for line in release.splitlines())
    return fields.get("VERSION_CODENAME", "").strip('"')


def _with_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """debootstrap downloads with wget, which knows the environment's proxy but not apt's."""
    proxy = asterisk.run(["apt-config", "shell", "PROXY", "Acquire::http::Proxy"])
    address = proxy.strip().removeprefix("PROXY=").strip("'")
    return dict(environment) | ({"http_proxy": address} if address else {})


def _logged(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run quietly; show the last lines only when it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        code = subprocess.run(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment, check=False
        ).returncode
        if code:
            log.seek(0)
            print(*log.read().splitlines()[-15:], sep="\n")
        return code


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Only one process at a time; a second one waits."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
