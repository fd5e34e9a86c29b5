import pytest

from ivr.request import Request


def asked(script: str | None, **more: str) -> Request:
    environment = {"agi_uniqueid": "attempt-1", "agi_callerid": "+48281234567", **more}
    return Request.of(environment if script is None else environment | {"agi_network_script": script})


@pytest.mark.parametrize(
    ("script", "route"),
    [("message", "/message"), ("/message", "/message"), ("a/b?x=1", "/a/b"), ("", "/"), (None, "/")],
)
def test_the_route_is_the_path_of_the_url(script: str | None, route: str) -> None:
    assert asked(script).route == route


def test_the_query_is_not_part_of_the_route() -> None:
    assert asked("message?lang=pl&text=Dzie%C5%84+dobry&empty=").query == {
        "lang": "pl",
        "text": "Dzień dobry",
        "empty": "",
    }


def test_a_request_names_its_call() -> None:
    assert asked("message").uniqueid == "attempt-1"
    with pytest.raises(ValueError, match="agi_uniqueid"):
        Request.of({"agi_network_script": "message"})


def test_a_query_has_an_end() -> None:
    with pytest.raises(ValueError, match="fields"):
        asked("message?" + "&".join(f"f{n}=1" for n in range(40)))


def test_the_number_called_is_not_shown() -> None:
    assert "4828" not in repr(asked("message"))
