"""The Mattermost channel: `input` (what comes in) and `output` (what goes out) with their parts."""

from channels.mattermost.input import MattermostInput

__all__ = ["MattermostInput"]
