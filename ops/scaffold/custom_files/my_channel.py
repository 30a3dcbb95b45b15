"""The channel my_channel. Its section of credentials.yml:

addons.my_channel.MyChannel:
  token: "a long random text"       # the platform sends Authorization: Bearer <token>
  url: "https://example.com/bot"    # takes the bot's messages, one POST each
"""

from typing import Any, Self

from channels import (
    BearerAuthentication,
    CredentialsError,
    InputChannel,
    OutputChannel,
    PayloadError,
    Request,
    SendError,
    UserMessage,
)


class MyChannel(InputChannel):
    @classmethod
    def name(cls) -> str:  # served at /webhooks/my_channel/webhook
        return "my_channel"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        if not credentials or not (credentials.get("token") and credentials.get("url")):
            raise CredentialsError("my_channel needs 'token' and 'url'")
        return cls(credentials["token"], credentials["url"])

    def __init__(self, token: str, url: str) -> None:
        self._callers, self._url = BearerAuthentication(self.name(), token), url

    def verify(self, request: Request) -> None:  # VerificationError: not from the platform
        self._callers.verify(request)

    def parse(self, request: Request) -> list[UserMessage]:  # no network here, no clock
        match request.json:  # what comes twice under one message_id is answered once
            case {"id": str(number), "sender": str(sender), "text": str(text)}:
                return [UserMessage(text, None, sender, None, self.name(), message_id=number)]
        raise PayloadError("expected the texts 'id', 'sender' and 'text'")

    def output_for(self, message: UserMessage) -> OutputChannel:  # called by the worker
        return MyChannelOutput(self._url)


class MyChannelOutput(OutputChannel):  # what has no method of its own here is sent as text
    def __init__(self, url: str) -> None:
        super().__init__()
        from channels import AnswerForm, PlatformApi  # not in the webhook: slow to start

        # What the platform answers itself; all else, such as a proxy's page, is waited out.
        answers = AnswerForm("my_channel", success=({"id": str},), error=({"reason": str},))
        self._api = PlatformApi(url, answers=answers)

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        async def send() -> str:
            answer = self._api.call("POST", "", json={"recipient": recipient_id, "text": text})
            if answer.status >= 400:
                raise SendError(f"status {answer.status}")  # for good: it goes on with the next
            return str(answer.json["id"])

        await self.deliver(send)  # one call of the platform, never made twice
