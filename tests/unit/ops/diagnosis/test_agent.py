import pytest

from ops.diagnosis.agent import examine_agent
from ops.findings import Findings
from tests.servers.recording_server import recording_server

JSON = {"content-type": "application/json"}


def examined(parameters, section=None, *, is_local=True):
    findings = Findings("agent")
    examine_agent(parameters, section or {}, findings, is_local=is_local)
    return [(each.level.value, each.what) for each in findings]


class Rasa:
    def __init__(self, remote=404, rest=200):
        self.statuses = {
            "/version": (200, b'{"version": "3.6.21"}'),
            "/webhooks/remote/": (remote, b'{"status": "ok", "protocol": 1}'),
            "/webhooks/rest/": (rest, b'{"status": "ok"}'),
        }

    def answer(self, request):
        status, body = self.statuses[request.path.partition("?")[0]]
        return status, body, JSON


def test_agents_that_need_nothing():
    assert examined({})[0] == ("ok", "the demo assistant, which needs nothing")
    [(level, what)] = examined({"Agent": "addons.mine:Mine", "RasaUrl": "http://127.0.0.1:1"})
    assert (level, what.startswith("addons.mine:Mine")) == ("ok", True)


def test_rasa_over_rest_and_over_the_remote_channel():
    rasa = Rasa()
    with recording_server(rasa.answer) as server:
        found = examined({"RasaUrl": f"{server.url}/"}, {"token": "made-up"})
        assert found == [("ok", f"Rasa 3.6.21 at {server.url}"), ("ok", "asked over REST")]
        assert all("token=made-up" in each.path for each in server.requests)
        rasa.statuses |= Rasa(remote=200).statuses
        assert examined({"RasaUrl": server.url})[1] == ("ok", "asked over the remote channel")


@pytest.mark.parametrize(
    ("rasa", "section", "told"),
    [
        (Rasa(rest=404), {}, "Rasa has no REST channel"),
        (Rasa(), {"remote": True}, "Rasa has no remote channel"),
        (Rasa(remote=401), {"remote_token": "wrong"}, "Rasa does not take 'remote_token'"),
    ],
)
def test_a_channel_that_rasa_lacks(rasa, section, told):
    with recording_server(rasa.answer) as server:
        assert examined({"RasaUrl": server.url}, section)[1] == ("error", told)


def test_keys_that_the_rasa_agent_does_not_read_are_warned_of():
    with recording_server(Rasa().answer) as server:
        section = {"model": "m", "remote_tokn": "made-up"}
        model, token, *others = examined({"RasaUrl": server.url}, section)
    assert (model[0], "'model' is not a setting" in model[1]) == ("warning", True)
    assert (token[0], "did you mean 'remote_token'?" in token[1]) == ("warning", True)
    assert [level for level, _ in others] == ["ok", "ok"]


def test_no_rasa_at_all():
    with recording_server(lambda _: (404, b"", {})) as server:
        [(level, what)] = examined({"RasaUrl": server.url})
    assert (level, "no Rasa server" in what) == ("error", True)


def test_a_rasa_that_cannot_be_reached():
    parameters = {"RasaUrl": "http://127.0.0.1:1"}
    [(level, what)] = examined(parameters)
    assert (level, "http://127.0.0.1:1 cannot be reached" in what) == ("error", True)
    assert examined(parameters, is_local=False)[0][0] == "unknown"


def test_settings_that_cannot_serve():
    [(level, what)] = examined({"RasaUrl": "http://127.0.0.1:1"}, {"timeout": "soon"})
    assert (level, "timeout" in what) == ("error", True)
