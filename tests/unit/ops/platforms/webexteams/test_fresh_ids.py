import pytest

from ops.events.new_ids import with_new_ids
from ops.failure import Failure
from ops.platforms.fresh_ids import Fresh
from tests.unit.ops.platforms.signed import request


def test_webexs_messages_have_the_ids_that_webex_knows():
    with pytest.raises(Failure, match="fetched from Webex"):
        with_new_ids(request("webexteams/message_direct"), Fresh("0" * 32, 0.0))
