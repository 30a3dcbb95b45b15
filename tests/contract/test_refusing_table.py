"""The state table refuses writes, at any point of a turn and for any time.

Nothing is lost, the order is kept, no dead letter is written before the patience is over, and the
message is not blamed. What is sent or asked twice was in a window that docs/reliability.md names.
"""

from __future__ import annotations

import itertools

import pytest

from channels.errors import AgentError, RateLimited
from channels.turns.retry import INBOX
from tests.contract.conversation import APOLOGY, PARTS, Conversation
from tests.contract.worker import WRITES

#: Which writes are refused together.
SETS = [
    *((write,) for write in WRITES),
    *itertools.combinations(("answered", "sent", "failed", "finished"), 2),
    tuple(write for write in WRITES if write != "claim"),
    WRITES,
]


class Table:
    """Refuses some writes, the first `passes` of them excepted, until a time (seconds)."""

    def __init__(self, writes, *, until=float("inf"), passes=0):
        self.writes, self.until, self.passes = writes, until, passes
        self.now = lambda: 0.0

    def __call__(self, write):
        if write not in self.writes or self.now() >= self.until:
            return False
        self.passes -= 1
        return self.passes < 0


def conversation(table, **options):
    made = Conversation(refuses=table, **options)
    table.now = lambda: made.queue.now
    return made


@pytest.mark.parametrize("passes", [0, 1])
@pytest.mark.parametrize("seconds", [3.0, 20.0, 1800.0])
@pytest.mark.parametrize("writes", SETS, ids="+".join)
def test_a_table_that_refuses_for_a_while(writes, seconds, passes):
    chat = conversation(Table(writes, until=seconds, passes=passes))
    chat.put("m1")
    chat.put("m2")
    chat.run()
    assert chat.sent == PARTS * 2, "each part once: one process knows what it sent"
    assert chat.agent.asked == 2
    assert (chat.queue.buried, chat.queue.moved) == ([], [])
    assert chat.counted["Turns"] == 2
    assert chat.queue.now <= seconds + INBOX.longest + 2


@pytest.mark.parametrize("writes", SETS, ids="+".join)
def test_a_table_that_refuses_for_a_while_and_a_process_for_each_attempt(writes):
    chat = conversation(Table(writes, until=20.0), processes=50)
    chat.put()
    chat.run()
    attempts = len(chat.outcomes)
    assert list(dict.fromkeys(chat.sent)) == PARTS
    assert chat.sent == sorted(chat.sent, key=PARTS.index), "a part sent twice, twice in a row"
    assert len(chat.sent) - len(PARTS) <= (attempts if "sent" in writes else 0)
    assert chat.agent.asked - 1 <= (attempts if "answered" in writes else 0)
    assert (chat.queue.buried, chat.queue.moved) == ([], [])


@pytest.mark.parametrize("processes", [1, 50])
@pytest.mark.parametrize("writes", SETS, ids="+".join)
def test_a_table_that_refuses_for_ever(writes, processes):
    chat = conversation(Table(writes), processes=processes)
    chat.put()
    chat.run()
    assert chat.queue.moved == []
    if chat.queue.buried:
        assert chat.queue.now > INBOX.patience
        [outcome] = [each for each in chat.outcomes if "JournalError" in each.reason][-1:]
        assert "the state table" in outcome.reason, "not the message's fault, and no death"
        assert chat.sent.count(APOLOGY) == 1
        assert chat.counted["DeadLetters"] == 1
    else:
        assert chat.sent == PARTS


@pytest.mark.parametrize("writes", [("failed",), ("failed", "given_up"), ("given_up", "finished")])
def test_a_poisoned_message_is_given_up_on_although_the_table_refuses(writes):
    chat = conversation(Table(writes))
    chat.agent = type(chat.agent)([], AgentError("bad"))
    chat.put()
    chat.run()
    assert len(chat.queue.buried) == 1
    assert chat.sent == [APOLOGY]


def test_a_platform_s_pause_is_kept_where_it_can_be_told_from_a_killed_worker_s():
    chat = conversation(Table(("failed",)))

    def busy(text):
        if text != APOLOGY and chat.queue.now < 600:
            raise RateLimited("status 429", 300.0)

    chat.platform = busy
    chat.put()
    chat.run()
    assert chat.sent == PARTS
    assert chat.queue.buried == []
