"""What the platforms really answer to a text, success and refusal, with the worker's next step.

Taken from their documentation, their servers' source and recorded responses; ids are invented.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Real(NamedTuple):
    """One answer: status and body, as JSON or "", and what follows from it.

    `outcome` is `sent`, `refused` (for good; the turn goes on), or the name of an error.
    """

    outcome: str
    status: int
    body: Any

    @property
    def written(self) -> bytes:
        """The body as sent."""
        return b"" if self.body == "" else json.dumps(self.body).encode()


def _slack(outcome: str, error: str, **more: Any) -> Real:
    return Real(outcome, 200, {"ok": False, "error": error, **more})


def _graph(outcome: str, code: int, message: str, **more: Any) -> Real:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "BLBz/WZt8"}
    return Real(outcome, 400, {"error": {**error, **more}})


def _telegram(outcome: str, status: int, description: str) -> Real:
    return Real(outcome, status, {"ok": False, "error_code": status, "description": description})


def _twilio(outcome: str, status: int, code: int, message: str, **more: Any) -> Real:
    info = f"https://www.twilio.com/docs/errors/{code}"
    document = {"code": code, "message": message, "more_info": info, "status": status, **more}
    return Real(outcome, status, document)


def _mattermost(outcome: str, status: int, error_id: str, **more: Any) -> Real:
    error = {"id": error_id, "message": "In the user's language.", "detailed_error": ""}
    return Real(outcome, status, {**error, "status_code": status, **more})


def _webex(outcome: str, status: int, message: str, tracking: str = "ROUTER") -> Real:
    errors = [{"description": message}]
    tracking_id = f"{tracking}_62713947-AFC2-01BB-1903-0AFE1B641903"
    return Real(outcome, status, {"message": message, "errors": errors, "trackingId": tracking_id})


def _connector(outcome: str, status: int, code: str, message: str) -> Real:
    return Real(outcome, status, {"error": {"code": code, "message": message}})


def _chat(outcome: str, status: int, name: str, message: str, **more: Any) -> Real:
    return Real(
        outcome, status, {"error": {"code": status, "message": message, "status": name, **more}}
    )


def _rocketchat(outcome: str, status: int, error: str, **more: Any) -> Real:
    return Real(outcome, status, {"success": False, "error": error, **more})


_TS = "1767225700.000100"
_MESSAGES = {"response_metadata": {"messages": ["[ERROR] no more than 50 items allowed"]}}
_BLOCKED = (
    '{\r\n  "subCode": "MessageWritesBlocked",\r\n  "details": "Thread is blocked.",\r\n'
    '  "errorCode": null,\r\n  "errorSubCode": null\r\n}'
)
_LOGGED_OUT = "You must be logged in to do this."

REAL: dict[str, dict[str, Real]] = {
    "slack": {
        "posted": Real(
            "sent",
            200,
            {"ok": True, "channel": "D0AAAAAAA", "ts": _TS, "message": {"text": "hi", "ts": _TS}},
        ),
        "not in the channel": _slack("RecipientGone", "not_in_channel"),
        "archived": _slack("RecipientGone", "is_archived"),
        "too long": _slack("refused", "msg_too_long"),
        "blocks": _slack("refused", "invalid_blocks", **_MESSAGES),
        "a code of one day": _slack("refused", "slack_connect_file_link_sharing_blocked"),
        "no token": _slack("CredentialsError", "not_authed"),
        "no scope": _slack(
            "CredentialsError", "missing_scope", needed="chat:write", provided="im:history"
        ),
        "too many": _slack("RateLimited", "ratelimited"),
        "too old a workspace": _slack("refused", "accesslimited"),
        "down": _slack("PlatformUnavailable", "internal_error"),
    },
    "facebook": {
        "posted": Real("sent", 200, {"recipient_id": "PSID_1", "message_id": "m_OUT1"}),
        "posted by a number": Real("sent", 200, {"message_id": "mid.$cAAJ"}),
        "posted to Instagram": Real("sent", 200, {"recipient_id": "1", "message_id": "aWdfZAG1f"}),
        "parameter": _graph("refused", 100, "(#100) Param message[text] must be short"),
        "no such user": _graph(
            "RecipientGone", 100, "(#100) No matching user found", error_subcode=2018001
        ),
        "out of the window": _graph(
            "RecipientGone", 10, "(#10) outside of allowed window", error_subcode=2018278
        ),
        "unavailable": _graph("RecipientGone", 551, "(#551) This person isn't available"),
        "token": _graph("CredentialsError", 190, "Invalid OAuth access token.", error_subcode=463),
        "too many": _graph("RateLimited", 613, "(#613) Calls to this api have exceeded the limit"),
        "a method": _graph(
            "refused", 100, "Unsupported post request.", type="GraphMethodException"
        ),
        "Instagram": _graph("refused", 9001, "odd", type="IGApiException", error_subcode=1),
        "down": _graph("PlatformUnavailable", 2, "An unexpected error", is_transient=True),
    },
    "hangouts": {
        "posted": Real(
            "sent",
            200,
            {"name": "spaces/AAA/messages/B.B", "sender": {"type": "BOT"}, "text": "hi"},
        ),
        "not a member": _chat(
            "RecipientGone",
            403,
            "PERMISSION_DENIED",
            "This Chat app is not a member of this space.",
        ),
        "no permission": _chat(
            "RecipientGone", 403, "PERMISSION_DENIED", "The caller does not have permission"
        ),
        "not allowed": _chat(
            "refused",
            403,
            "PERMISSION_DENIED",
            "This organization's administrator restricts this Chat app.",
        ),
        "no space": _chat("RecipientGone", 404, "NOT_FOUND", "Requested entity was not found."),
        "no app": _chat("CredentialsError", 404, "NOT_FOUND", "Google Chat app not found. To ..."),
        "not enabled": _chat(
            "CredentialsError",
            403,
            "PERMISSION_DENIED",
            "Google Chat API has not been used in project 1 before or it is disabled.",
            errors=[{"message": "...", "domain": "usageLimits", "reason": "accessNotConfigured"}],
            details=[
                {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
            ],
        ),
        "invalid": _chat("refused", 400, "INVALID_ARGUMENT", "Invalid JSON payload received."),
        "too late": _chat("refused", 400, "FAILED_PRECONDITION", "Cannot post to this space."),
    },
    "telegram": {
        "posted": Real("sent", 200, {"ok": True, "result": {"message_id": 21, "date": 1767225600}}),
        "blocked": _telegram("RecipientGone", 403, "Forbidden: bot was blocked by the user"),
        "kicked": _telegram(
            "RecipientGone", 403, "Forbidden: bot was kicked from the supergroup chat"
        ),
        "not started": _telegram(
            "RecipientGone", 403, "Forbidden: bot can't initiate conversation with a user"
        ),
        "no chat": _telegram("RecipientGone", 400, "Bad Request: chat not found"),
        "empty": _telegram("refused", 400, "Bad Request: message text is empty"),
        "no right": _telegram("refused", 400, "Bad Request: not enough rights to send text"),
        "no token": _telegram("CredentialsError", 401, "Unauthorized"),
        "no bot": _telegram("CredentialsError", 404, "Not Found"),
        "too large": _telegram("refused", 413, "Request Entity Too Large"),
    },
    "twilio": {
        "queued": Real("sent", 201, {"sid": f"SM{9:032x}", "status": "queued", "error_code": None}),
        "queued with a picture": Real("sent", 201, {"sid": f"MM{10:032x}", "status": "accepted"}),
        "no number": _twilio("refused", 400, 21211, "The 'To' number 1 is not a valid number."),
        "stopped": _twilio("RecipientGone", 400, 21610, "Attempt to send to unsubscribed user"),
        "no country": _twilio("refused", 400, 21408, "Permission has not been enabled"),
        "queue": _twilio("RateLimited", 429, 20429, "Too Many Requests"),
        "no login": _twilio("CredentialsError", 401, 20003, "Authenticate"),
        "no login, in detail": _twilio(
            "CredentialsError", 401, 20003, "Authentication Error", detail="AuthToken incorrect."
        ),
        "no account": _twilio("CredentialsError", 404, 20404, "The resource was not found"),
        "suspended": _twilio("CredentialsError", 403, 20005, "Account not active"),
        "method": _twilio("refused", 405, 20004, "Method not allowed"),
    },
    "mattermost": {
        "posted": Real(
            "sent",
            201,
            {"id": "po000000000000000000000009", "create_at": 1767225600000, "message": "hi"},
        ),
        "no member": _mattermost("RecipientGone", 403, "api.context.permissions.app_error"),
        "no channel": _mattermost("RecipientGone", 404, "app.channel.get.existing.app_error"),
        "no channel, 5.x": _mattermost(
            "RecipientGone", 404, "store.sql_channel.get.existing.app_error"
        ),
        "archived": _mattermost(
            "RecipientGone", 400, "api.post.create_post.can_not_post_to_deleted.error"
        ),
        "session": _mattermost(
            "CredentialsError", 401, "api.context.session_expired.app_error", request_id="r1"
        ),
        "no API": _mattermost("CredentialsError", 404, "api.context.404.app_error"),
        "too long": _mattermost("refused", 400, "model.post.is_valid.message_length.app_error"),
        "a plugin": _mattermost("refused", 400, "Post rejected by plugin. No\nsuch words, please."),
        "a plugin, silently": _mattermost(
            "refused", 400, "plugin.message_will_be_posted.dismiss_post"
        ),
        "no license": _mattermost("refused", 403, "api.post.patch_post.can_not.license.error"),
    },
    "webexteams": {
        "posted": Real(
            "sent",
            200,
            {"id": "Y2lzY29zcGFyazovL3VzL01FU1NBR0Uv", "roomId": "ROOM1", "text": "hi"},
        ),
        "no room": _webex("RecipientGone", 404, "Could not find a room with provided ID."),
        "nothing": _webex("RecipientGone", 404, "The requested resource could not be found."),
        "no activity": _webex("RecipientGone", 403, "Failed to get activity.", "ROUTERGW"),
        "no scope": _webex("refused", 403, "Missing required scope: spark:messages_write"),
        "token": _webex("CredentialsError", 401, "The request requires a valid access token."),
        "destination": _webex("refused", 400, "Message destination could not be determined."),
    },
    "botframework": {
        "posted": Real("sent", 201, {"id": "1767225600999"}),
        "posted, Emulator": Real("sent", 200, {"id": "5c3f6f20-0000-11f0-8000-000000000000"}),
        "accepted, Teams": Real("sent", 202, ""),
        "accepted": Real("sent", 202, {}),
        "no content": Real("sent", 204, ""),
        "argument": _connector("refused", 400, "BadArgument", "Unknown attachment type"),
        "argument, in words": _connector("refused", 400, "Bad Argument", "scenario specific"),
        "syntax": _connector("refused", 400, "BadSyntax", "Bad format of conversation ID"),
        "not in the roster": _connector(
            "RecipientGone", 403, "BotNotInConversationRoster", "The bot is not part of the roster."
        ),
        "blocked": _connector(
            "RecipientGone", 403, "ConversationBlockedByUser", "User blocked the conversation."
        ),
        "not installed": _connector(
            "RecipientGone", 403, "ForbiddenOperationException", "Bot isn't installed"
        ),
        "writes": Real("RecipientGone", 403, {"errorCode": 209, "message": _BLOCKED}),
        "host": _connector("refused", 403, "InvalidBotApiHost", "Invalid bot api host."),
        "permissions": _connector("refused", 403, "NotEnoughPermissions", "scenario specific"),
        "no conversation": _connector(
            "RecipientGone", 404, "ConversationNotFound", "Conversation not found."
        ),
        "no activity": _connector("refused", 404, "ActivityNotFoundInConversation", "not found."),
        "two writes": _connector("PlatformUnavailable", 412, "PreconditionFailed", "try again."),
        "too large": _connector("refused", 413, "MessageSizeTooBig", "Message size too large."),
        "token": _connector("CredentialsError", 401, "BotNotRegistered", "No registration found."),
        "token, at the door": Real(
            "CredentialsError", 401, {"message": "Authorization has been denied for this request."}
        ),
    },
    "rocketchat": {
        "posted": Real(
            "sent",
            200,
            {"ts": 1767225600000, "channel": "GENERAL", "message": {"_id": "m1"}, "success": True},
        ),
        "no room": _rocketchat(
            "RecipientGone", 400, "[invalid-channel]", errorType="invalid-channel"
        ),
        "muted": _rocketchat("RecipientGone", 400, "You_have_been_muted"),
        "not allowed": _rocketchat(
            "RecipientGone", 400, "Not allowed", errorType="error-not-allowed"
        ),
        "no permission": _rocketchat("refused", 403, "unauthorized"),
        "no permission, by name": _rocketchat(
            "refused", 403, "User does not have the permissions [error-unauthorized]"
        ),
        "parameters": _rocketchat(
            "refused", 400, "must match exactly one schema", errorType="invalid-params"
        ),
        "no login, before 8.0": Real(
            "CredentialsError", 401, {"status": "error", "message": _LOGGED_OUT}
        ),
        "no login, 7.x": Real(
            "CredentialsError",
            401,
            {
                "success": False,
                "error": _LOGGED_OUT,
                "status": "error",
                "message": _LOGGED_OUT,
            },
        ),
        "no login, 8.0": _rocketchat("CredentialsError", 401, _LOGGED_OUT),
        "too many": _rocketchat("RateLimited", 400, "Error, too many requests. Please slow down."),
    },
}

#: Keys by which an answer is known, whatever stands beside it.
KNOWN_BY = {
    "facebook": {"message_id", "error"},
    "twilio": {"sid"},
    "hangouts": {"name", "error"},
    "botframework": {"id", "error"},
}

#: Impostors that say what the platform may say, word for word.
ALIKE = {"botframework": {"an id"}}
