"""Forms of type multipart/form-data (RFC 7578): fields and files."""

from __future__ import annotations

from email import policy
from email.parser import BytesParser
from typing import NamedTuple

from channels.errors import PayloadError
from channels.http.request import Parameters

__all__ = ["File", "Files", "read_multipart"]


class File(NamedTuple):
    """A file of a form: media type, bytes, and name as sent."""

    type: str
    body: bytes
    name: str


class Files(dict[str, list[File]]):
    """Files by field name; `get` returns the first one."""

    def get(self, name: str, default: File | None = None) -> File | None:  # type: ignore[override]
        """The first file of a field."""
        files = super().get(name)
        return files[0] if files else default

    def getlist(self, name: str, default: list[File] | None = None) -> list[File]:
        """All files of a field."""
        return super().get(name) or default or []


def read_multipart(content_type: str, body: bytes) -> tuple[Parameters, Files]:
    """The fields and files of a form; raises PayloadError if the form cannot be read.

    `content_type` is the header's value, with the boundary.
    """
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    try:
        form = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    except RecursionError:  # a form in a form in a form ...
        raise PayloadError("the multipart form is nested too deeply") from None
    if form.get_boundary() is None or not form.is_multipart():
        raise PayloadError("the multipart form cannot be read")
    fields, files = Parameters(), Files()
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            charset = part.get_content_charset("utf-8")
            fields.setdefault(name, []).append(_text(content, charset))
        else:
            files.setdefault(name, []).append(File(part.get_content_type(), content, filename))
    return fields, files


def _text(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:
        raise PayloadError("a field of the form has an unknown character set") from None
