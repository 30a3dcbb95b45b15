"""The Mattermost channel: `input` (requests in), `output` (posts out), and their parts."""

from channels.mattermost.input import MattermostInput

__all__ = ["MattermostInput"]
