"""A webhook's `on_new_message`, which decides where a message's turn runs.

A channel that defines `verify` and `parse` states where (`answers_in_request`, `waits_for_worker`).
A connector in Rasa's style overrides `blueprint` and passes its message an output channel:

- An output that collects (`CollectingOutputChannel`): the handler wants the replies, so the turn
  runs in the request.
- An output that the worker can rebuild, because the connector defines `output_for` or
  `get_output_channel()` returns an equal output: the message goes into the inbox.
- Any other output cannot cross the queue: the turn runs in the request.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from channels.channel import InputChannel
from channels.errors import AgentError, AgentTimeout, ChannelError, InboxUnavailable
from channels.http.routes import current_call, in_turn
from channels.output import CollectingOutputChannel
from channels.telemetry.logs import add_fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from channels.channel import OnNewMessage, OutputChannel, UserMessage
    from channels.wiring.services import Services

logger = logging.getLogger(__name__)

#: Keys of the text in a JSON body: Rasa's own, and the one that its documentation's example reads.
_TEXT_KEYS = ("message", "text")


def on_new_message(
    channel: InputChannel, services: Services, put: Callable[[UserMessage], None]
) -> OnNewMessage:
    """Return the function that a channel's `blueprint` receives.

    `put(message)` queues a message.
    """

    async def turn(message: UserMessage) -> None:
        await _counted_turn(channel, services, message)

    async def enqueue(message: UserMessage) -> None:
        put(message)

    async def choose(message: UserMessage) -> None:
        call = current_call.get()
        _complete_text(channel, message)
        try:
            if services.inbox is not None and _can_be_made_again(channel, message):
                put(message)
            else:
                await _counted_turn(channel, services, message)
        except Exception as error:
            if asyncio.current_task() is not call.task or isinstance(error, InboxUnavailable):
                call.failures.append(error)
            raise

    if writes_blueprint(channel):
        return choose
    waits = channel.waits_for_worker and channel.memory is not None
    return enqueue if waits and services.inbox is not None else turn


def writes_blueprint(channel: InputChannel) -> bool:
    """Return whether a channel is a connector in Rasa's style, with its own routes."""
    return type(channel).blueprint is not InputChannel.blueprint


async def _counted_turn(channel: InputChannel, services: Services, message: UserMessage) -> None:
    add_fields(message_id=message.message_id, sender_id=message.sender_id)
    started, turns = time.perf_counter(), 0
    try:
        await _turn(services, message)
        turns = 1
    finally:
        milliseconds = (time.perf_counter() - started) * 1000
        services.metrics.write(
            channel.name(), Received=1, Turns=turns, AgentMilliseconds=milliseconds
        )


async def _turn(services: Services, message: UserMessage) -> None:
    """Let the agent reply within the time that the request has left."""
    seconds = current_call.get().remaining
    mark = in_turn.set(True)
    try:
        async with asyncio.timeout(seconds):
            await services.agent.handle_message(message)
    except TimeoutError as error:
        raise AgentTimeout(f"the agent did not answer within {seconds:.0f} seconds") from error
    except ChannelError:
        raise
    except Exception as error:
        logger.exception("message %s: the agent failed", message.message_id)
        raise AgentError("the agent failed") from error
    finally:
        in_turn.reset(mark)


def _can_be_made_again(channel: InputChannel, message: UserMessage) -> bool:
    output = message.output_channel
    if isinstance(output, CollectingOutputChannel):
        return False
    if type(channel).output_for is not InputChannel.output_for:
        return True
    try:
        again: OutputChannel | None = channel.get_output_channel()
    except Exception:  # Rasa calls it only for proactive messages: a connector may not support it
        logger.exception("channel %s: get_output_channel() failed", channel.name())
        return False
    return type(again) is type(output) and vars(again) == vars(output)


def _complete_text(channel: InputChannel, message: UserMessage) -> None:
    """Take the text from the request's body if the connector found none.

    The example class in Rasa's documentation reads `text`; the request shown next to it sends
    `message`.
    """
    if message.text is not None:
        return
    body: Any = None
    request = current_call.get().request
    if request.content_type == "application/json" and request.body:
        body = request.json
    if not isinstance(body, dict):
        return
    for key in _TEXT_KEYS:
        if isinstance(body.get(key), str):
            message.text = body[key].strip()
            ids = (channel.name(), message.message_id)
            logger.warning("channel %s: message %s has no text: using '%s' of the body", *ids, key)
            return
