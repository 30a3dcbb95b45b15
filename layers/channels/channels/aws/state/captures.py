"""Captured webhook requests and their response status, redacted, in the state table for a day.

    pk CAPTURE#<channel>   sk <milliseconds since 1970>#<API Gateway's request id>
       event (zlib of JSON), left_out (bytes of a body too large to keep), status, senders, ttl

Captured only with the template's parameter `CaptureEvents`; `ops capture` and `ops replay` read
them.
"""

from __future__ import annotations

import json
import logging
import time
import zlib
from base64 import b64encode

from channels.aws.client.json_api import JsonApi
from channels.aws.keys import key
from channels.http.paths import split_path
from channels.http.redaction import redacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.wiring.settings import Settings

logger = logging.getLogger(__name__)

#: How long a captured request is kept (seconds).
KEPT = 86_400.0

#: The platform waits for the response, so each of two attempts to store its request is short
#: (seconds).
_TIMEOUT = 0.5

#: Larger events are stored without their body; an item holds 400 KB (DynamoDB).
_LARGEST = 350_000


class TableCaptures:
    """`services.Captures` in the state table."""

    def __init__(
        self,
        table: str,
        dynamodb: JsonApi,
        *,
        with_text: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Store requests in `table`, including users' texts if `with_text`.

        `now()` is since 1970.
        """
        self._table = table
        self._dynamodb = dynamodb
        self._with_text = with_text
        self._now = now

    @classmethod
    def from_settings(cls, settings: Settings) -> TableCaptures:
        """Make the store that a Lambda's settings describe."""
        dynamodb = JsonApi("dynamodb", settings.environment, timeout=_TIMEOUT)
        return cls(settings.state_table, dynamodb, with_text=settings.captures_text)

    def keep(self, event: Any, status: int, senders: Callable[[], list[str]]) -> None:
        """Store a request and its response status; `senders()` returns who wrote to the bot.

        Health checks of a channel are left out. Never raises: failures are logged.
        """
        try:
            path = event.get("rawPath") or event["path"]
            channel, route = split_path(path)
            if route:
                item = self._item(channel, event, status, senders)
                self._dynamodb.call("PutItem", {"TableName": self._table, "Item": item})
                logger.info("channel %s: captured %s", channel, _request_id(event))
        except Exception as error:  # the response must not depend on its copy
            logger.warning("an event was not captured: %s", type(error).__name__)

    def _item(
        self, channel: str, event: dict[str, Any], status: int, senders: Callable[[], list[str]]
    ) -> dict[str, Any]:
        now = self._now()
        packed, left_out = _packed(redacted(event, with_text=self._with_text))
        return {
            "pk": {"S": key("CAPTURE", channel)},
            "sk": {"S": f"{int(now * 1000):013}#{_request_id(event)}"},
            "event": {"B": b64encode(packed).decode()},
            "left_out": {"N": str(left_out)},
            "status": {"N": str(status)},
            "senders": {"L": [{"S": sender} for sender in _known(senders)]},
            "ttl": {"N": str(int(now + KEPT))},
        }


def _known(senders: Callable[[], list[str]]) -> list[str]:
    """Return the senders, none if the connector fails: such a request is worth capturing too."""
    try:
        return senders()
    except Exception as error:  # a user's connector may raise anything
        logger.info("the senders of a captured event are not known: %s", type(error).__name__)
        return []


def _packed(event: dict[str, Any]) -> tuple[bytes, int]:
    """Return an event as it is stored, and how many bytes of its body are left out."""
    packed = zlib.compress(json.dumps(event).encode())
    if len(packed) <= _LARGEST:
        return packed, 0
    left_out = len(event["body"].encode())
    return zlib.compress(json.dumps({**event, "body": ""}).encode()), left_out


def _request_id(event: dict[str, Any]) -> str:
    request_id: str = event["requestContext"].get("requestId") or "unknown"
    return request_id
