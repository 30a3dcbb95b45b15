"""What `ops up` tells at its end: the addresses that answer, and why others do not."""

from __future__ import annotations

from dataclasses import asdict

from channels.wiring.credentials import Credentials
from ops.credentials.parameter_store import ParameterStore
from ops.diagnosis.sockets import CHANNEL, Answers, SocketAddresses, examine_sockets
from ops.findings import Findings, Level
from ops.output import Output
from ops.stack.aws import local_stack
from ops.stack.stack_file import StackFile

_NO_REST = (
    "rest and `make shell` are off: the stack has no credentials of 'rest'. "
    "Add `rest:` to the credentials file, and `make up`."
)


def announce(found: StackFile, output: Output) -> None:
    """Try the sockets and the chat page, and show where the stack is."""
    stack = local_stack(found.stack_name, found.endpoint_url)
    show(found, ParameterStore(stack).credentials(), output)


def show(found: StackFile, sections: Credentials, output: Output) -> None:
    """`announce` of a stack that has these sections."""
    findings = Findings(CHANNEL)
    with output.step("Trying the sockets and the chat page"):
        section = sections.get(CHANNEL)
        answers = examine_sockets(SocketAddresses.of_local(found), section, findings)
    for line in _lines(found, sections, answers):
        output.say(line)
    if "rest" not in sections:
        output.warn(_NO_REST)
    for each in findings:
        if each.level is not Level.OK:
            output.warn(f"{each.what}. {each.mend}")
    output.result(asdict(found))


def _lines(found: StackFile, sections: Credentials, answers: Answers) -> list[str]:
    """The addresses at which somebody answers."""
    lines = [f"HTTP API  {found.http_url}"]
    rest = sections.get("rest")
    if answers.page:
        token = "#token=<a JWT for jwt_key>" if answers.token else ""
        lines.append(f"Web chat  {found.webchat_url}{token}")
    webhook = f"{found.http_url}/webhooks/rest/webhook"
    if rest is not None:
        lines.append(f"rest      {webhook}")
    if answers.websocket:
        lines.append(f"sockets   {found.websocket_url}")
    if answers.polling:
        lines.append(f"Socket.IO {found.socketio_url} (long polling first; a tunnel leads there)")
    else:
        lines.append(f"Tunnel    {found.socketio_url} (a tunnel leads there)")
    if rest is not None:
        token = " -H 'Authorization: Bearer <token>'" if rest else ""
        lines.append(
            f'Try: curl -XPOST {webhook}{token} -d \'{{"sender": "me", "message": "hi"}}\''
        )
        lines.append("Talk to it: make shell.")
    return lines
