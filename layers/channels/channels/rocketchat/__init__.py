"""The Rocket.Chat channel: `input` (webhooks), `output` (REST calls) and their parts."""

from channels.rocketchat.input import RocketChatInput

__all__ = ["RocketChatInput"]
