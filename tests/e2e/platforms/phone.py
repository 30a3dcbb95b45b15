"""A phone: Twilio's side of a call, which follows the TwiML it is answered."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

from tests.e2e.platforms.platform import PUBLIC_BASE_URL, SECRET


class Phone:
    """One call; `heard` is what the caller heard since they last did something."""

    credentials: ClassVar[dict[str, str]] = {"auth_token": SECRET}

    def __init__(self, http_url: str) -> None:
        self._http_url = http_url
        self._next = f"{PUBLIC_BASE_URL}/webhooks/twilio_voice/webhook"
        self.heard: list[str] = []
        self.is_over = False

    def call(self) -> None:
        self._post(CallStatus="ringing")

    def say(self, text: str) -> None:
        self._post(SpeechResult=text, Confidence="0.91")

    def press(self, digits: str) -> None:
        self._post(Digits=digits)

    def keep_silent(self) -> None:
        self._post(SpeechResult="")

    def hang_up(self) -> None:
        self._post(CallStatus="completed", CallDuration="21")

    def again(self) -> None:
        """Twilio sends its last request once more."""
        self._answer(*self._last)

    def _post(self, **fields: str) -> None:
        form = {
            "AccountSid": "AC00000000000000000000000000000001",
            "CallSid": "CA00000000000000000000000000000001",
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "From": "+15005550006",
            "To": "+15005550010",
            **fields,
        }
        self._last = (self._next, form)
        self._answer(self._next, form)

    def _answer(self, url: str, form: dict[str, str]) -> None:
        """Post, and do what the answer says until it listens or the call is over."""
        self.heard = []
        while True:
            response = self._request(url, form)
            self.heard += [say.text or "" for say in response.iter("Say")]
            gather, redirect = response.find("Gather"), response.findtext("Redirect")
            if gather is not None:
                self._next = gather.attrib["action"]
                return
            if redirect is None:
                self.is_over = True
                return
            url, form = redirect, {k: v for k, v in form.items() if k != "SpeechResult"}

    def _request(self, url: str, form: dict[str, str]) -> ElementTree.Element:
        assert url.startswith(PUBLIC_BASE_URL)
        answer = requests.post(
            self._http_url + url.removeprefix(PUBLIC_BASE_URL),
            data=urlencode(form).encode(),
            headers={
                "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
                "x-twilio-signature": RequestValidator(SECRET).compute_signature(url, form),
            },
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/xml")
        return ElementTree.fromstring(answer.text)  # noqa: S314 - our own
