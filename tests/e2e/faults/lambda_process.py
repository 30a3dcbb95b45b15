"""The process of a Lambda on the local stack: found by its connection, killed without warning."""

from __future__ import annotations

import psutil


class NotALambda(Exception):
    """The connection is of a process that the suite must not end."""


def lambda_behind(caller_port: int, our_port: int, ministack_pid: int) -> psutil.Process:
    """The process at the other side of a connection to us; to be ended with its `kill()`.

    Only a child of that MiniStack will do: NotALambda otherwise.
    """
    for connection in psutil.net_connections("tcp4"):
        if not connection.laddr or not connection.raddr or not connection.pid:
            continue
        if (connection.laddr.port, connection.raddr.port) == (caller_port, our_port):
            process = psutil.Process(connection.pid)
            if ministack_pid in (parent.pid for parent in process.parents()):
                return process
            raise NotALambda(f"process {process.pid} is none of the stack's")
    raise NotALambda(f"no process has a connection from port {caller_port}")
