import pytest

from ops.events.new_ids import with_new_ids
from ops.platforms.fresh_ids import Fresh
from tests.unit.ops.platforms.signed import request


@pytest.mark.parametrize("name", ["rest/text", "callback/text"])
def test_clients_messages_get_an_id_that_can_be_followed(name):
    fresh = Fresh("0123456789abcdef" * 2, 0.0)
    assert with_new_ids(request(name), fresh).document["message_id"] == fresh.digits
