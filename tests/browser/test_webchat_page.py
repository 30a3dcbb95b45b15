"""The chat page in Chromium, as its users use it; the cases are in tests/node/webchat.

Each case asserts what is seen, and reports what the browser says beside: errors, violations of the
content security policy, and of the accessibility rules (axe-core).
"""

from __future__ import annotations

import pytest

CASES = [
    "greets_and_is_clicked",
    "keeps_the_conversation_over_a_reload",
    "shows_every_kind_of_message",
    "shows_an_answer_growing",
    "sends_what_was_said_offline",
    "loses_nothing_when_the_socket_breaks",
    "sends_what_was_left_by_a_reload",
    "works_by_keyboard",
    "begins_a_new_conversation",
    "lets_no_markup_in",
    "reads_any_payload",
    "writes_little_markdown",
    "remembers_within_bounds",
    "works_without_storage",
    "is_one_conversation_in_two_tabs",
    "leads_every_tab_to_the_new_conversation",
    "greets_once_whatever_the_number_of_tabs",
    "believes_a_server_that_counts_anew",
    "wakes_up_in_the_new_conversation",
    "leaves_the_answers_of_before_behind",
    "may_be_reloaded_at_any_moment",
    "loses_nothing_of_two_who_write_at_once",
    "follows_without_a_connection",
    "keeps_order_whatever_the_clock",
    "sends_what_another_tab_has_left",
    "keeps_what_fits_when_storage_is_full",
    "takes_over_what_was_stored_before",
    "takes_over_what_a_page_of_before_goes_on_with",
    "keeps_conversations_apart",
    "keeps_bots_apart",
    "joins_records_in_any_order",
    "agrees_whatever_tabs_do",
    "keeps_what_each_step_has_reached",
    "speaks_other_languages",
    "says_when_it_is_refused",
    "says_when_there_is_no_server",
    "fits_every_screen",
    "is_embedded_by_one_line",
    "is_one_conversation_in_the_tabs_of_a_site",
    "waits_for_a_busy_site",
    "keeps_to_its_own_storage_where_it_has_some",
    "opens_by_itself_without_taking_the_focus",
    "hides_and_tells_of_messages",
    "hears_only_its_site",
]


@pytest.mark.parametrize("case", CASES)
def test_page(visit, case):
    visit(case)
