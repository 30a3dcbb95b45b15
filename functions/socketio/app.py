"""The Lambdas of the Socket.IO channel: WebSockets, long polling, and /webhooks/socketio."""

from channels.aws.socket_handlers import socket_handlers
from channels.settings import Settings
from channels.webhook import webhook

handlers = socket_handlers(Settings.from_environment())
connect, default, disconnect = handlers["connect"], handlers["default"], handlers["disconnect"]
opener, keepalive = handlers["opener"], handlers["keepalive"]
polling = handlers["polling"]
handler = webhook("socketio")
