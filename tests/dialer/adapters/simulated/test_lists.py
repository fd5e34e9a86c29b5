import csv
import json
from pathlib import Path
from typing import Any

import pytest

import lab
from dialer.adapters.simulated.lists import UnusableFile, campaigns, rows
from dialer.config_files import profiles_in

DATA = Path(lab.__file__).parent / "data"
LIST = (DATA / "calllist_2000.csv").read_bytes()
PROFILES = profiles_in()


def read(body: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(body.decode("utf-8-sig").splitlines()))


def test_the_first_copy_is_the_list_itself() -> None:
    assert rows(LIST, 1) is LIST


def test_a_copy_is_of_other_clients_and_of_the_same_telephones() -> None:
    first, second = read(LIST), read(rows(LIST, 2))
    assert len(first) == len(second)
    differing = {name for one, two in zip(first, second, strict=True) for name in one if one[name] != two[name]}
    assert differing == {"client_id", "campaign_id"}
    assert second[1]["client_id"] == first[1]["client_id"] + "-2"


def test_the_campaigns_of_a_copy_belong_to_its_clients_and_call_from_their_own_numbers() -> None:
    first, third = (campaigns(DATA / "campaigns.json", copy, PROFILES) for copy in (1, 3))
    assert {f"{name}-3" for name in first} == third.keys()
    assert {f"{each.client_id}-3" for each in first.values()} == {each.client_id for each in third.values()}
    assert not {each.cli for each in first.values()} & {each.cli for each in third.values()}
    assert {name for row in read(rows(LIST, 3)) if (name := row["campaign_id"])} == third.keys()


@pytest.mark.parametrize("text", ["", "{", "[1]", "[{}]", '[{"campaign_id": "A", "cli": "x"}]'])
def test_a_file_of_campaigns_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "campaigns.json"
    file.write_text(text)
    with pytest.raises(UnusableFile, match=r"campaigns\.json"):
        campaigns(file, 2, PROFILES)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="No such file"):
        campaigns(tmp_path / "none.json", 1, PROFILES)


def test_campaigns_are_completed_by_their_profile() -> None:
    found = campaigns(DATA / "campaigns.json", 1, PROFILES)
    named = json.loads((DATA / "campaigns.json").read_text("utf-8"))
    assert len(found) == len(named)
    assert all(each.max_answered_day == 1 for each in found.values())


def test_campaigns_beyond_their_profiles_ceiling_are_refused_as_the_api_would(tmp_path: Path) -> None:
    [named, *_] = json.loads((DATA / "campaigns.json").read_text("utf-8"))
    file = tmp_path / "campaigns.json"
    file.write_text(json.dumps([named | {"profile": "pl-strict"}]), "utf-8")
    with pytest.raises(UnusableFile) as refusal:
        campaigns(file, 1, PROFILES)
    told = f"{named['campaign_id']}: windows: 08:00-20:00 on weekday 1: profile pl-strict permits 09:00-17:00"
    assert told in str(refusal.value)
