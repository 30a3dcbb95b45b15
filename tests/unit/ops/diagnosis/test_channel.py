import pytest

from ops.diagnosis.channel import examine_channel, examine_clock
from ops.findings import Findings
from ops.platforms import Bot
from ops.platforms.api import AdminApi
from ops.stack.site import Site
from tests.channels.telegram.administration import TelegramAdministration
from tests.servers.recording_server import recording_server

TOKEN = "42:made-up"
JSON = {"content-type": "application/json"}


class Stack:
    """A webhook that does what the function does with its credentials."""

    def __init__(self, secret):
        self.secret = secret
        self.status = None

    def answer(self, request):
        if request.method == "GET":
            return self.status or 200, b'{"status": "ok"}', JSON
        given = request.headers.get("x-telegram-bot-api-secret-token")
        status = self.status or (200 if given == self.secret else 401)
        return status, b"", {}


@pytest.fixture
def telegram():
    made = TelegramAdministration(TOKEN)
    made.info |= {
        "url": "https://bot.example.com/webhooks/telegram/webhook",
        "allowed_updates": ["message", "edited_message", "callback_query"],
    }
    return made


@pytest.fixture
def stack():
    return Stack("s3cret")


@pytest.fixture
def examine(telegram, stack):
    with (
        recording_server(telegram.answer) as platform,
        recording_server(stack.answer) as own,
    ):
        telegram_section = {
            "access_token": TOKEN,
            "secret_token": "s3cret",
            "api_base": platform.url,
        }

        def call(name="telegram", public="https://bot.example.com", **settings):
            section = {**(telegram_section if name == "telegram" else {}), **settings}
            site = Site(public, public, own.url)
            findings = Findings(name)
            section = {key: value for key, value in section.items() if value is not None}
            bot = Bot(section, site.webhook(name), site.webhook(name))
            examine_channel(name, bot, site, findings)
            return findings

        yield call


def bad(findings):
    return [(each.level.value, each.what, each.mend) for each in findings if each.level != "ok"]


def test_all_is_well(examine):
    findings = examine()
    assert bad(findings) == []
    told = [each.what for each in findings]
    assert "what is not signed is refused" in told
    assert "what is signed with the stack's secret is taken" in told


def test_a_secret_that_is_to_be_made(examine):
    [(level, what, mend)] = bad(examine(secret_token=None))
    assert (level, "secret_token" in what) == ("error", True)
    assert mend.endswith("python -m ops register telegram")


def test_a_section_that_cannot_serve(examine):
    [(level, what, mend)] = bad(examine(parse_mode="XML"))
    assert (level, "parse_mode" in what, "credentials push" in mend) == ("error", True, True)


def test_an_unknown_key_is_warned_of_and_the_rest_examined(examine):
    findings = examine(**{"parse-mode": "HTML"})
    [(level, what, mend)] = bad(findings)
    assert (level, "did you mean 'parse_mode'?" in what) == ("warning", True)
    assert "credentials push" in mend
    assert "what is signed with the stack's secret is taken" in [each.what for each in findings]


def test_a_key_that_is_needed_and_misspelt(examine):
    """The function reads none of the misspelt key: there the channel lacks what it needs."""
    unknown, needed = bad(examine(access_token=None, acess_token=TOKEN))
    assert (unknown[0], "'acess_token' is not a setting" in unknown[1]) == ("warning", True)
    assert (needed[0], "'access_token' is needed" in needed[1]) == ("error", True)


def test_a_fault_is_not_told_as_a_secret_to_be_made(examine):
    [(level, what, mend)] = bad(examine(secret_token=None, parse_mode="XML"))
    assert (level, "parse_mode" in what, "register" in mend) == ("error", True, False)


def test_a_wrong_token(examine):
    [(level, what, mend)] = bad(examine(access_token="42:wrong"))
    assert (level, "401" in what, "@BotFather" in mend) == ("error", True, True)
    assert "42:wrong" not in what + mend


def test_a_function_that_has_another_secret(examine, stack):
    stack.secret = "older"
    [(level, what, mend)] = bad(examine())
    assert (level, "refuses what is signed" in what) == ("error", True)
    assert "5 minutes" in mend


def test_a_function_that_takes_everything(examine, stack):
    stack.status = 200
    assert bad(examine())[0][1] == "what is not signed is taken"


def test_a_function_that_fails(examine, stack):
    stack.status = 500
    told = [what for _, what, _ in bad(examine())]
    assert told == [
        "the webhook answers 500 to what is not signed",
        "the webhook answers 500 to what is signed",
    ]


def test_unsigned_requests_that_are_wanted(examine, stack):
    stack.status = 200
    [(level, what, _)] = bad(examine(secret_token=None, allow_unsigned=True))
    assert (level, "allow_unsigned" in what) == ("warning", True)


def test_a_platform_that_cannot_be_asked(examine):
    [(level, _, _)] = bad(examine(api_base="http://127.0.0.1:1"))
    assert level == "unknown"


def test_channels_without_a_platform(examine, stack):
    assert bad(examine("rest")) == []
    stack.status = 503
    [(level, what, _)] = bad(examine("rest"))
    assert (level, "answers 503" in what) == ("error", True)


def test_the_clocks():
    with recording_server(lambda _: (200, b"{}", {})) as server:
        api = AdminApi("Slack", server.url, now=lambda: 0.0)
        api.get("x")
        assert api.skew > 1_000_000_000
        api = AdminApi("Slack", server.url)
        api.get("x")
        assert abs(api.skew) < 60


class Clock:
    """A platform whose API has told its time."""

    title = "Slack"

    def __init__(self, skew, window):
        self.signature_window = window
        self.api = AdminApi(self.title, "http://127.0.0.1:1")
        self.api.skew = skew


@pytest.mark.parametrize(
    ("skew", "window", "levels"),
    [
        (None, 300.0, []),
        (-40.0, 300.0, []),
        (100.0, 300.0, ["warning"]),
        (-400.0, 300.0, ["error"]),
        (400.0, 0.0, ["warning"]),
    ],
)
def test_how_wrong_a_clock_may_be(skew, window, levels):
    findings = Findings("slack")
    examine_clock(Clock(skew, window), findings)
    assert [each.level.value for each in findings] == levels
    assert all("Set the clock" in each.mend for each in findings)
