"""Journal, agent and platform around a runner, in memory, with steps that a kill can strike."""

import asyncio
import itertools

from channels.channel import InputChannel, OutputChannel, UserMessage
from channels.turns.inbox_message import InboxMessage
from channels.turns.runner import TurnRunner
from channels.turns.steady_journal import SteadyJournal
from tests.contract.worker import Journal

#: For how long the queue hides a message whose worker was killed (seconds).
HIDDEN = 100.0


class Killed(BaseException):
    """The worker's process ends, in the middle of whatever it does."""


class World:
    """Journal, agent and platform in memory, with a step counter that can strike."""

    def __init__(self):
        self.asked = []
        self.sent = []
        self.replies = [{"text": "a", "image": "i"}, {"text": "b"}]
        self.agent_errors = []
        self.send_errors = {}
        self.complete_errors = []
        self.typing_errors = []
        self.texts = []
        self.ended = []
        self.steps = itertools.count()
        self.kill_before = self.kill_after = None
        self.now = 1000.0
        self.journal = SteppingJournal(self)

    @property
    def turns(self):
        return self.journal.turns

    def step(self, effect):
        """Something observable happens; the process may die just before or just after it."""
        number = next(self.steps)
        if number == self.kill_before:
            raise Killed
        result = effect()
        if number == self.kill_after:
            raise Killed
        return result

    # the agent

    async def handle_message(self, message):
        self.texts.append(message.text)
        if self.agent_errors:
            raise self.agent_errors.pop(0)
        self.step(lambda: self.asked.append(message.message_id))
        for reply in self.replies:
            await message.output_channel.send_response(message.sender_id, reply)

    # the platform

    def send(self, recipient_id, content):
        errors = self.send_errors.get(content)
        if errors:
            raise errors.pop(0)
        self.step(lambda: self.sent.append(content))


class SteppingJournal(Journal):
    """Its writes are steps of the world."""

    def __init__(self, world):
        super().__init__(lambda: world.now)
        self.world = world

    def claim(self, *given):
        return self.world.step(lambda: super(SteppingJournal, self).claim(*given))

    def answered(self, *given):
        self.world.step(lambda: super(SteppingJournal, self).answered(*given))

    def sent(self, *given):
        self.world.step(lambda: super(SteppingJournal, self).sent(*given))

    def finished(self, *given):
        self.world.step(lambda: super(SteppingJournal, self).finished(*given))


class Output(OutputChannel):
    """Sends texts letter by letter, so that one kind of message is several parts."""

    def __init__(self, world, delivers_parts):
        super().__init__()
        self.world = world
        self.delivers_parts = delivers_parts

    async def show_typing(self, recipient_id):
        if self.world.typing_errors:
            raise self.world.typing_errors.pop(0)

    async def _part(self, recipient_id, content):
        async def send():
            self.world.send(recipient_id, content)
            return f"id-{content}"

        await self.deliver(send)

    async def send_text_message(self, recipient_id, text, **kwargs):
        for letter in text:
            await self._part(recipient_id, letter)

    async def send_image_url(self, recipient_id, image, **kwargs):
        await self._part(recipient_id, image)

    async def end_turn(self, recipient_id):
        self.world.ended.append((recipient_id, list(self.world.sent)))


class Channel(InputChannel):
    def __init__(self, world, delivers_parts=True):
        self.world, self.delivers_parts = world, delivers_parts

    def enrich(self, message):
        if self.world.complete_errors:
            raise self.world.complete_errors.pop(0)
        message.text = f"{message.text}, completed"
        return message.message_id != "own"

    def output_for(self, message):
        return Output(self.world, self.delivers_parts)


def at_once(coroutine, timeout):
    return asyncio.run(coroutine)


def conversations(world, *, delivers_parts=True, chance=0.0, run=at_once, **options):
    return TurnRunner(
        SteadyJournal(world.journal),
        lambda: world,
        lambda name: Channel(world, delivers_parts),
        run,
        lambda: world.now,
        chance=lambda: chance,
        **options,
    )


def message(message_id="m1", replies=None):
    user = UserMessage("hi", sender_id="me", message_id=message_id)
    return InboxMessage("myio", user, 0.0, replies)
