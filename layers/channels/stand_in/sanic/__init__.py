"""The part of Sanic that connectors use: blueprints, requests, responses, exceptions.

It stands in for the real one, which costs a Lambda's start several times what the rest costs;
`sanic` in layers/channels/addons/requirements.txt puts the real one into the layer instead. What is
not here fails with an error that names it.
"""

from sanic import exceptions, response
from sanic.app import Sanic
from sanic.blueprints import Blueprint
from sanic.missing import missing_from
from sanic.request import Request
from sanic.response import HTTPResponse, empty, html, json, raw, redirect, text

__all__ = [
    "Blueprint",
    "HTTPResponse",
    "Request",
    "Sanic",
    "empty",
    "exceptions",
    "html",
    "json",
    "raw",
    "redirect",
    "response",
    "text",
]

__getattr__ = missing_from("sanic")
