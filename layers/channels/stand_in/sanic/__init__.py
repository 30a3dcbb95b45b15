"""The part of Sanic that connectors use: blueprints, requests, responses, exceptions.

It stands in for the real Sanic, which takes several times as long to import as the rest of a
Lambda's cold start. To put the real one into the layer, add `sanic` to
layers/channels/addons/requirements.txt. Missing parts raise an error that names them.
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
