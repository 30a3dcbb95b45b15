"""Slack's markup, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.slack.text import mrkdwn, plain_text

BOT = "U0BOT0000"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        # Rasa's readings
        ("<@U0BOT0000> hi", "hi"),
        ("hi <@U0BOT0000>", "hi"),
        ("hi <@U0BOT0000> there", "hi there"),
        ("hi<@U0BOT0000>there", "hi there"),
        ("<@U0BOT0000>", ""),
        ("<@U0BOB0000> hi", "<@U0BOB0000> hi"),
        ("see <https://x.io/a?b=1|x.io>", "see x.io"),
        ("<http://a.io|a> and <https://b.io|b>", "a and b"),
        ("  spaces  ", "spaces"),
        # what Rasa leaves as it is
        ("<@U0BOT0000|rasa> hi", "hi"),
        ("<@U0BOB0000|bob> hi", "@bob hi"),
        ("write <mailto:a@b.io|a@b.io>", "write a@b.io"),
        ("write <mailto:a@b.io>", "write a@b.io"),
        ("call <tel:+4912|+49 12> or <tel:+4912>", "call +49 12 or +4912"),
        ("see <https://x.io>", "see https://x.io"),
        ("in <#C0GENERAL|general> or <#C0GENERAL>", "in #general or <#C0GENERAL>"),
        ("<#C0GENERAL|>", "<#C0GENERAL>"),
        ("<!here> <!channel>", "@here @channel"),
        ("<!subteam^S1|@team> <!subteam^S1>", "@team @S1"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@U0BOT0000&gt;", "<@U0BOT0000>"),
        ("1 < 2 <not markup>", "1 < 2 <not markup>"),
        ("<>", "<>"),
    ],
)
def test_what_a_user_meant(sent, read):
    assert plain_text(sent, [BOT]) == read


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<https://x.io?a=1&b=2|x> & more", "<https://x.io?a=1&b=2|x> &amp; more"),
        ("hi <@U0ALICE00>, see <#C0GENERAL>", "hi <@U0ALICE00>, see <#C0GENERAL>"),
        ("<mailto:a@b.io|mail> <tel:+49|call>", "<mailto:a@b.io|mail> <tel:+49|call>"),
        ("<!date^1^{date}|soon> <!subteam^S1>", "<!date^1^{date}|soon> <!subteam^S1>"),
        ("already &amp; escaped &lt;b&gt;", "already &amp; escaped &lt;b&gt;"),
        ("<!here> <!channel|all>", "&lt;!here&gt; &lt;!channel|all&gt;"),
        ("<script>&copy;", "&lt;script&gt;&amp;copy;"),
        ("*bold* _it_ `code`", "*bold* _it_ `code`"),
    ],
)
def test_what_the_bot_says_is_escaped_but_for_its_markup(said, sent):
    assert mrkdwn(said) == sent


@given(st.text(alphabet="ab <>&;ltgamp@#!|:/\n"))
def test_a_bots_text_can_be_read_as_it_was_said(said):
    sent = mrkdwn(said)
    assert "<!here" not in sent
    assert mrkdwn(sent) == sent, "escaping again changes nothing"


@given(st.text(max_size=300), st.lists(st.text(max_size=5), max_size=3))
def test_any_text_can_be_read(sent, own):
    assert plain_text(sent, own) == plain_text(sent, own).strip()
