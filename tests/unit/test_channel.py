"""InputChannel: what a channel inherits."""

import pytest

from channels.channel import InputChannel, UserMessage
from channels.errors import CredentialsError
from channels.http.request import Request


class Plain(InputChannel):
    pass


def test_rasas_defaults():
    channel = Plain.from_credentials({"a": 1})
    assert isinstance(channel, Plain)
    assert Plain.name() == "Plain"
    assert channel.url_prefix() == "Plain"
    assert channel.get_output_channel() is None
    assert channel.get_metadata(Request()) is None
    assert channel.handshake(Request()) is None
    assert channel.acknowledgement(Request()).body == b"success"
    assert channel.output_for(UserMessage("x")).name() == "collector"


def test_missing_credentials_name_the_channel_and_the_mend():
    with pytest.raises(CredentialsError, match=r"Plain.*credentials push"):
        Plain.raise_missing_credentials_exception()


@pytest.mark.parametrize("method", ["verify", "parse"])
def test_what_has_no_default_says_which_class_lacks_it(method):
    with pytest.raises(NotImplementedError, match=f"Plain must define {method}"):
        getattr(Plain(), method)(Request())


def test_rasas_module_paths_give_the_same_classes():
    import channels.channel
    import rasa.core.channels
    import rasa.core.channels.channel
    import rasa.core.channels.rest
    import rasa.shared.exceptions

    for name in ("InputChannel", "OutputChannel", "UserMessage", "CollectingOutputChannel"):
        ours = getattr(channels.channel, name)
        assert getattr(rasa.core.channels, name) is ours
        assert getattr(rasa.core.channels.channel, name) is ours
    assert rasa.core.channels.rest.RestInput.name() == "rest"
    assert issubclass(
        rasa.shared.exceptions.InvalidConfigException, rasa.shared.exceptions.RasaException
    )
