"""Whom does a simulation call? A call list and its campaigns, as often as wanted, each time for clients of its own."""

import csv
import io
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from dialer.core.plan import CampaignSettings
from dialer.core.profiles import Profiles, completed, excesses
from dialer.lists.calllist import RawRow, read_csv

_APART = 100  # between the caller numbers of two copies; a file names fewer campaigns


class UnusableFile(Exception):
    """The campaigns or the list cannot be taken; the message says why."""


class _Named(BaseModel):
    """A campaign's settings, and its id beside them."""

    model_config = ConfigDict(extra="allow")

    campaign_id: str


_NAMED = TypeAdapter(list[_Named])


def campaigns(file: Path, copy: int, profiles: Profiles) -> dict[str, CampaignSettings]:
    """The campaigns of a JSON file by their id, of the first (1), second (2), … copy of the list.

    Raises:
        UnusableFile
    """
    try:
        named = _NAMED.validate_json(file.read_bytes())
        read = dict(_campaign(row, copy, profiles) for row in named)
    except OSError as error:
        raise UnusableFile(f"{file}: {error.strerror}") from error
    except ValueError as error:  # pydantic's is one
        raise UnusableFile(f"{file} is no array of campaigns: {error}") from error
    beyond = [
        f"{name}: {each.field}: {each.detail}"
        for name, settings in read.items()
        for each in excesses(settings, settings.profile, profiles)
    ]
    if beyond:
        raise UnusableFile(f"{file}: {'; '.join(beyond)}")
    return read


def rows(body: bytes, copy: int) -> bytes:
    """The list as CSV; every copy but the first is of clients and campaigns of its own, and of the same telephones."""
    if copy == 1:
        return body
    read = [dict(row.values) for row in read_csv([body]) if isinstance(row, RawRow)]
    written = io.StringIO()
    writer = csv.DictWriter(written, list(read[0]) if read else [])
    writer.writeheader()
    for row in read:
        writer.writerow(row | {name: _copied(row[name] or "", copy) for name in ("client_id", "campaign_id")})
    return written.getvalue().encode()


def _campaign(named: _Named, copy: int, profiles: Profiles) -> tuple[str, CampaignSettings]:
    settings = CampaignSettings.model_validate(named.model_extra)
    if copy > 1:
        # A caller number of its own, too: by it the carrier tells whose call it is.
        cli = f"+{int(settings.cli) + _APART * (copy - 1)}"
        settings = settings.model_copy(update={"cli": cli, "client_id": _copied(settings.client_id, copy)})
    return _copied(named.campaign_id, copy), completed(settings, profiles)


def _copied(name: str, copy: int) -> str:
    return name if copy == 1 or not name else f"{name}-{copy}"
