"""What the contract tests need to know of a channel: how to set it up and how to speak to it.

A channel that is added to the registry is tested as soon as it has its entry here; without one the
contract tests fail. A custom channel's is the `SAMPLE` of its test, tests/addons/test_<name>.py.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jwt
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

from channels.http.request import Request
from ops import ROOT
from tests.servers.recording_server import Answer, Recorded
from tests.unit.botframework.bot import CREDENTIALS, remembered_keys, remembered_login
from tests.unit.hangouts.google import PROJECT, key_urls, project_token
from tests.unit.hangouts.space import ACCOUNT

KEY = "k" * 32


#: What the names of headers that prove something contain.
PROOFS = ("authorization", "signature", "secret-token")


def spoil_headers(event: dict[str, Any]) -> None:
    """Change the end of each header that proves something."""
    for name, value in event["headers"].items():
        if any(each in name for each in PROOFS):
            event["headers"][name] = value[:-4] + "AAAA"


class Sample(NamedTuple):
    """One channel: credentials that ask for proof, its example event, and the proof.

    `sign(event)` makes the event acceptable, in place. `answers_in_request` channels have no queue.
    `platform` is what the platform's API answers, for channels that take `api_base` (or the key
    that `platform_key` names). `tamper(event)` spoils a proof that stands in no header.
    `remembered` is what the channel's memory holds: key sets, a login. `place(event, url)` puts the
    platform's address into the event, where a platform tells it there. `refusal(words)` is how the
    platform refuses a message for good, `words` being where it repeats what it was sent. `unasked`
    gives credentials and memory of a channel that answers in the request, for messages that its bot
    sends unasked. `channel` is the class of a custom channel, by its module path; the built-in ones
    are known by their names. `ignored` are examples of what bots and systems write, the bot itself
    among them; `mention` is one of a mention that says nothing else, where the webhook tells of it.
    `strange(event)` makes the event one that nobody can read yet, in place; None where each request
    is a message.
    """

    credentials: dict[str, Any]
    event: str
    sign: Callable[[dict[str, Any]], None]
    answers_in_request: bool = False
    platform: Callable[[Recorded], Answer] | None = None
    platform_key: str = "api_base"
    tamper: Callable[[dict[str, Any]], None] = spoil_headers
    remembered: Callable[[], dict[str, str]] = dict
    place: Callable[[dict[str, Any], str], None] = lambda event, url: None
    refusal: Callable[[str], Answer] | None = None
    unasked: Callable[[], tuple[dict[str, Any], dict[str, str]]] | None = None
    channel: str = ""
    ignored: tuple[str, ...] = ()
    mention: str = ""
    strange: Callable[[dict[str, Any]], None] | None = None


#: What no platform sends today.
NEW = "something_to_come"


def with_value(*path: str | int, value: Any = NEW) -> Callable[[dict[str, Any]], None]:
    """Change the value at a path of an event's JSON."""

    def change(event: dict[str, Any]) -> None:
        body = json.loads(event["body"])
        *steps, last = path
        _at(body, steps)[last] = value
        event["body"] = json.dumps(body)

    return change


def renamed(*path: str | int) -> Callable[[dict[str, Any]], None]:
    """Change the key at the end of a path of an event's JSON."""

    def change(event: dict[str, Any]) -> None:
        body = json.loads(event["body"])
        *steps, last = path
        place = _at(body, steps)
        place[NEW] = place.pop(last)
        event["body"] = json.dumps(body)

    return change


def _at(body: Any, steps: list[str | int]) -> Any:
    for step in steps:
        body = body[step]
    return body


def of_a_new_status(event: dict[str, Any]) -> None:
    """A message of Twilio's in a state that nobody knows yet."""
    event["body"] = event["body"].replace("SmsStatus=received", f"SmsStatus={NEW}")


def refused(status: int, document: dict[str, Any]) -> Answer:
    """A platform's own refusal."""
    return status, json.dumps(document).encode(), {"content-type": "application/json"}


def bearer(event: dict[str, Any]) -> None:
    """A JWT of the sample's key."""
    token = jwt.encode({"exp": int(time.time()) + 60}, KEY, algorithm="HS256")
    event["headers"]["authorization"] = f"Bearer {token}"


SLACK_SECRET = "3f2b8c1d9e0a4f67b5d2c8e1a7f90b34"


def slack_signature(event: dict[str, Any]) -> None:
    """Slack's signature of this moment, by Slack's own library."""
    timestamp = str(int(time.time()))
    body = event["body"]
    signature = SignatureVerifier(SLACK_SECRET).generate_signature(timestamp=timestamp, body=body)
    event["headers"]["x-slack-request-timestamp"] = timestamp
    event["headers"]["x-slack-signature"] = signature


def slack_api(request: Recorded) -> Answer:
    """Slack takes every message."""
    return 200, b'{"ok": true, "ts": "1767225600.000100"}', {"content-type": "application/json"}


def slack_refusal(words: str) -> Answer:
    """Slack refuses with status 200."""
    return refused(200, {"ok": False, "error": f"invalid_arguments {words}"})


def facebook_signature(event: dict[str, Any]) -> None:
    """Meta's signature."""
    digest = hmac.new(KEY.encode(), event["body"].encode(), "sha256").hexdigest()
    event["headers"]["x-hub-signature-256"] = f"sha256={digest}"


def facebook_api(request: Recorded) -> Answer:
    """Meta takes every message."""
    return 200, b'{"recipient_id": "PSID_1", "message_id": "m_OUT1"}', {}


def facebook_refusal(words: str) -> Answer:
    """Meta's error of an invalid parameter."""
    error = {"message": words, "type": "OAuthException", "code": 100, "fbtrace_id": "BLBz"}
    return refused(400, {"error": error})


TELEGRAM_SECRET = "Rasa-on_AWS-2026"


def telegram_secret_token(event: dict[str, Any]) -> None:
    """The secret token of setWebhook."""
    event["headers"]["x-telegram-bot-api-secret-token"] = TELEGRAM_SECRET


def telegram_api(request: Recorded) -> Answer:
    """Telegram takes every message."""
    return 200, b'{"ok": true, "result": {"message_id": 21}}', {}


def telegram_refusal(words: str) -> Answer:
    """Telegram's error of a request that it does not understand."""
    return refused(400, {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"})


MATTERMOST_TOKEN = "tok26aaaaaaaaaaaaaaaaaaaaa"


def mattermost_token(event: dict[str, Any]) -> None:
    """The token of an outgoing webhook, in the body."""
    event["body"] = json.dumps({**json.loads(event["body"]), "token": MATTERMOST_TOKEN})


def spoil_mattermost_token(event: dict[str, Any]) -> None:
    """Change the end of the token."""
    event["body"] = event["body"].replace(MATTERMOST_TOKEN, f"{MATTERMOST_TOKEN[:-1]}A")


def mattermost_api(request: Recorded) -> Answer:
    """Mattermost takes every post."""
    return 201, b'{"id": "po000000000000000000000009"}', {}


def mattermost_refusal(words: str) -> Answer:
    """Mattermost's error of an invalid post."""
    error = {"id": "model.post.is_valid.msg.app_error", "message": words, "status_code": 400}
    return refused(400, {**error, "detailed_error": "", "request_id": "r"})


WEBEX_SECRET = "webex-secret-1"


def webex_signature(event: dict[str, Any]) -> None:
    """Webex's signature."""
    digest = hmac.new(WEBEX_SECRET.encode(), event["body"].encode(), "sha1").hexdigest()
    event["headers"]["x-spark-signature"] = digest


def webex_api(request: Recorded) -> Answer:
    """Webex knows the bot and the message, and takes every message."""
    if request.path == "/people/me":
        return 200, b'{"id": "BOTPERSON", "displayName": "RasaBot", "type": "bot"}', {}
    if request.method == "GET":
        return 200, b'{"id": "MSG1", "roomId": "ROOM1", "text": "hello"}', {}
    return 200, b'{"id": "OUT1", "roomId": "ROOM1"}', {}


def webex_refusal(words: str) -> Answer:
    """Webex's error of an invalid message."""
    return refused(400, {"message": words, "errors": [], "trackingId": "ROUTER_1"})


TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"


def twilio_signature(event: dict[str, Any]) -> None:
    """Twilio's signature, by Twilio's own library."""
    request = Request.from_event(event)
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(request.url, request.form)
    event["headers"]["x-twilio-signature"] = signature


def twilio_api(request: Recorded) -> Answer:
    """Twilio takes every message."""
    return 201, b'{"sid": "SM00000000000000000000000000000099", "status": "queued"}', {}


def twilio_refusal(words: str) -> Answer:
    """Twilio's error of an invalid number."""
    more = "https://www.twilio.com/docs/errors/21211"
    return refused(400, {"code": 21211, "message": words, "more_info": more, "status": 400})


def botframework_token(event: dict[str, Any]) -> None:
    """The Bot Connector's token of the examples, valid until 2100."""
    path = ROOT / "events" / "botframework" / "text.json"
    example = json.loads(path.read_text(encoding="utf-8"))
    event["headers"]["authorization"] = example["headers"]["authorization"]


def botframework_api(request: Recorded) -> Answer:
    """The Bot Connector takes every activity."""
    return 201, b'{"id": "1767225600999"}', {}


def botframework_refusal(words: str) -> Answer:
    """The Bot Connector's error of an invalid activity."""
    return refused(400, {"error": {"code": "BadArgument", "message": words}})


def place_botframework(event: dict[str, Any], url: str) -> None:
    """Activities tell where their Bot Connector is."""
    event["body"] = event["body"].replace("https://smba.trafficmanager.net", url)


ROCKETCHAT_TOKEN = "rc-token-1"


def rocketchat_token(event: dict[str, Any]) -> None:
    """The token of an outgoing webhook, in the body."""
    event["body"] = json.dumps({**json.loads(event["body"]), "token": ROCKETCHAT_TOKEN})


def spoil_rocketchat_token(event: dict[str, Any]) -> None:
    """Change the end of the token."""
    event["body"] = event["body"].replace(ROCKETCHAT_TOKEN, f"{ROCKETCHAT_TOKEN[:-1]}2")


def rocketchat_api(request: Recorded) -> Answer:
    """Rocket.Chat takes every message."""
    return 200, b'{"success": true, "message": {"_id": "mOut1"}}', {}


def rocketchat_refusal(words: str) -> Answer:
    """Rocket.Chat's error of an invalid message."""
    return refused(400, {"success": False, "error": words})


def chat_api(request: Recorded) -> Answer:
    """Google Chat takes every message."""
    return 200, b'{"name": "spaces/AAA/messages/O1"}', {}


def chat_refusal(words: str) -> Answer:
    """Google Chat's error of an invalid message."""
    return refused(400, {"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}})


def chat_unasked() -> tuple[dict[str, Any], dict[str, str]]:
    """A service account that has logged in."""
    kept = {"token": "made-up-token", "expires": time.time() + 3600}
    return {"service_account": ACCOUNT}, {f"token:{ACCOUNT['client_email']}": json.dumps(kept)}


def chat_token(event: dict[str, Any]) -> None:
    """Google Chat's token for the project's number."""
    event["headers"]["authorization"] = f"Bearer {project_token()}"


SAMPLES = {
    "rest": Sample({"jwt_key": KEY}, "rest/text", bearer, answers_in_request=True),
    "callback": Sample({"jwt_key": KEY, "url": "https://example.com/bot"}, "callback/text", bearer),
    "slack": Sample(
        {"slack_token": "xoxb-made-up", "slack_signing_secret": SLACK_SECRET},
        "slack/message_im",
        slack_signature,
        platform=slack_api,
        refusal=slack_refusal,
        ignored=("slack/own_message", "slack/slackbot"),
        mention="slack/app_mention_only",
        strange=with_value("event", "subtype"),
    ),
    "facebook": Sample(
        {"verify": "made-up", "secret": KEY, "page-access-token": "EAAG-made-up"},
        "facebook/unsigned",
        facebook_signature,
        platform=facebook_api,
        refusal=facebook_refusal,
        ignored=("facebook/echo_text",),
        strange=renamed("entry", 0, "messaging", 0, "message"),
    ),
    "hangouts": Sample(
        {"project_id": PROJECT, **key_urls()},
        "hangouts/no_token",
        chat_token,
        answers_in_request=True,
        platform=chat_api,
        refusal=chat_refusal,
        unasked=chat_unasked,
        ignored=("hangouts/own_message",),
        mention="hangouts/mention_only",
        strange=with_value("type"),
    ),
    "telegram": Sample(
        {"access_token": "1:made-up", "secret_token": TELEGRAM_SECRET},
        "telegram/no_secret",
        telegram_secret_token,
        platform=telegram_api,
        refusal=telegram_refusal,
        ignored=("telegram/another_bot", "telegram/channel_post_in_group"),
        mention="telegram/mention_only",
        strange=renamed("message"),
    ),
    "twilio": Sample(
        {
            "account_sid": "AC00000000000000000000000000000001",
            "auth_token": TWILIO_TOKEN,
            "twilio_number": "+15005550010",
        },
        "twilio/no_signature",
        twilio_signature,
        platform=twilio_api,
        refusal=twilio_refusal,
        ignored=("twilio/own_number",),
        strange=of_a_new_status,
    ),
    "twilio_voice": Sample(
        {"auth_token": TWILIO_TOKEN},
        "twilio_voice/unsigned",
        twilio_signature,
        answers_in_request=True,
    ),
    "mattermost": Sample(
        {
            "url": "https://chat.example.com/api/v4",
            "token": "bot-token-made-up",
            "webhook_url": "https://bot.example.com/webhooks/mattermost/webhook",
            "webhook_tokens": [MATTERMOST_TOKEN],
        },
        "mattermost/no_token",
        mattermost_token,
        platform=mattermost_api,
        refusal=mattermost_refusal,
        platform_key="url",
        tamper=spoil_mattermost_token,
        ignored=("mattermost/system_message",),
        mention="mattermost/mention_only",
        strange=renamed("text"),
    ),
    "webexteams": Sample(
        {"access_token": "made-up", "webhook_secret": WEBEX_SECRET},
        "webexteams/no_signature",
        webex_signature,
        platform=webex_api,
        refusal=webex_refusal,
        ignored=("webexteams/own_message", "webexteams/another_bot"),
        strange=with_value("resource"),
    ),
    "botframework": Sample(
        CREDENTIALS,
        "botframework/no_token",
        botframework_token,
        platform=botframework_api,
        refusal=botframework_refusal,
        platform_key="token_url",
        remembered=lambda: {**remembered_keys(), **remembered_login()},
        place=place_botframework,
        ignored=("botframework/own_message",),
        mention="botframework/mention_only",
        strange=with_value("type"),
    ),
    "rocketchat": Sample(
        {
            "server_url": "https://chat.example.org",
            "user_id": "uBot00000000000001",
            "auth_token": "made-up",
            "webhook_token": ROCKETCHAT_TOKEN,
        },
        "rocketchat/unsigned",
        rocketchat_token,
        platform=rocketchat_api,
        refusal=rocketchat_refusal,
        platform_key="server_url",
        tamper=spoil_rocketchat_token,
        ignored=(
            "rocketchat/own_message",
            "rocketchat/integration_message",
            "rocketchat/rocket_cat",
        ),
        mention="rocketchat/trigger_word_only",
        strange=renamed("text"),
    ),
}

#: Channels that are another one's route, or come over sockets (tests/unit/socketio).
WITHOUT_A_WEBHOOK = {"cmdline", "socketio"}
