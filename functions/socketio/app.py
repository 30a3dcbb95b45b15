"""The Lambdas of the Socket.IO channel: WebSockets, long polling, and /webhooks/socketio."""

from channels.handlers.sockets.functions import socket_handlers
from channels.handlers.webhook import webhook
from channels.wiring.settings import Settings

handlers = socket_handlers(Settings.from_environment())
connect, default, disconnect = handlers["connect"], handlers["default"], handlers["disconnect"]
opener, keepalive = handlers["opener"], handlers["keepalive"]
polling = handlers["polling"]
handler = webhook("socketio")
