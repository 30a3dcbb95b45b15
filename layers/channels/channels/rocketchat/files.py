"""Files that users send: as metadata for the agent, and as the text of a message without text."""

from __future__ import annotations

from channels.messages.fields import object_of, objects_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def attachments_of(message: dict[str, Any], server_url: str) -> list[dict[str, Any]]:
    """Return the files of a message, each with id, name, mimetype, size (bytes) and url.

    Fetching the url requires a login, unless Rocket.Chat made it public.
    """
    files = objects_of(message, "files") or [object_of(message, "file")]
    shown = objects_of(message, "attachments")
    public = text_of(object_of(message, "fileUpload"), "publicFilePath")
    found = []
    for number, file in enumerate(file for file in files if file):
        # In a message with one file, a preview may come before the file's own attachment.
        attachment = next((each for each in shown if _belongs(each, file)), None)
        if attachment is None:
            attachment = shown[number] if number < len(shown) else {}
        link = public if public and number == 0 else _link(attachment)
        size = file.get("size")
        found.append(
            {
                "id": text_of(file, "_id"),
                "name": text_of(file, "name"),
                "mimetype": text_of(file, "type"),
                "size": size if isinstance(size, int) else None,
                "url": f"{server_url}{link}" if link.startswith("/") else link,
            }
        )
    return found


def words_of(message: dict[str, Any], files: list[dict[str, Any]]) -> str:
    """Return the text for files: their captions, or else their URLs; "" without files."""
    if not files:
        return ""
    captions = [text_of(shown, "description") for shown in objects_of(message, "attachments")]
    words = [caption for caption in captions if caption.strip()]
    return "\n".join(words or [file["url"] or file["name"] for file in files])


def _belongs(attachment: dict[str, Any], file: dict[str, Any]) -> bool:
    file_id = text_of(file, "_id")
    return bool(file_id) and f"/{file_id}/" in _link(attachment)


def _link(attachment: dict[str, Any]) -> str:
    keys = ("title_link", "image_url", "audio_url", "video_url")
    return next((link for key in keys if (link := text_of(attachment, key))), "")
