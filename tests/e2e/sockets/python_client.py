"""Runs a client of python-socketio, 4 or 5, through a scenario: JSON in, what it saw as JSON out.

A program of its own: version 4 is installed in an environment of its own.
"""

import inspect
import json
import sys
import threading
import time

import socketio

PATIENCE = 60.0


class Session:
    """One client and what it has seen."""

    def __init__(self, given):
        self.given = given
        self.namespace = given.get("namespace") or "/"
        self.log = []
        self.news = threading.Condition()
        self.client = socketio.Client(
            reconnection=True,
            reconnection_delay=0.2,
            reconnection_delay_max=1,
            request_timeout=30,
        )
        on = {"connect": self.connected, "connect_error": self.noting("refused")}
        on["disconnect"] = self.noting("disconnect")
        for event in given["events"]:
            on[event] = self.noting(event)
        for event, handler in on.items():
            self.client.on(event, handler, namespace=self.namespace)

    def noting(self, name):
        return lambda *args: self.note(name, *args)

    def note(self, *entry):
        with self.news:
            self.log.append(entry)
            self.news.notify_all()

    def connected(self):
        self.note("connect")
        for event, *args in self.given.get("on_connect") or []:
            self.client.emit(event, *args, namespace=self.namespace)

    def connect(self):
        query = "&".join(f"{key}={value}" for key, value in (self.given.get("query") or {}).items())
        url = self.given["url"] + (f"?{query}" if query else "")
        options = {"auth": self.given["auth"]} if self.given.get("auth") else {}
        if "wait_timeout" in inspect.signature(self.client.connect).parameters:
            options["wait_timeout"] = PATIENCE  # version 5 gives a namespace one second
        try:
            self.client.connect(
                url,
                socketio_path=self.given["path"].strip("/"),
                transports=self.given.get("transports"),
                namespaces=[self.namespace],
                **options,
            )
        except socketio.exceptions.ConnectionError as error:
            self.note("refused", str(error))

    def step(self, kind, argument):
        if kind in ("emit", "ask"):
            event, *args = argument
            callback = self.noting("ack") if kind == "ask" else None
            self.client.emit(event, *args, namespace=self.namespace, callback=callback)
        elif kind == "wait":
            self.wait(*argument)
        elif kind == "drop":
            self.client.eio.ws.shutdown()
        elif kind == "transport":
            assert self.client.eio.current_transport == argument
            self.note("transport", argument)
        elif kind == "rest":
            time.sleep(argument / 1000)

    def wait(self, name, count):
        def seen():
            return sum(entry[0] == name for entry in self.log) >= count

        with self.news:
            if not self.news.wait_for(seen, PATIENCE):
                raise SystemExit(f"no {name}: {self.log}")


def main():
    session = Session(json.load(sys.stdin))
    session.connect()
    for kind, argument in session.given["steps"]:
        session.step(kind, argument)
    print(json.dumps(session.log))
    session.client.disconnect()


main()
