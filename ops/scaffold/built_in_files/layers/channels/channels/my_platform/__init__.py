"""The My Platform channel: `input` (webhooks), `output` (messages), `api`."""

from channels.my_platform.input import MyPlatformInput

__all__ = ["MyPlatformInput"]
