import io
import json
import zipfile

import pytest

from ops.platforms.api import Refused
from ops.platforms.botframework.teams_package import manifest, package, png
from tests.unit.ops.platforms.registration import registration

APP = "11111111-2222-3333-4444-555555555555"
JSON = {"content-type": "application/json"}


def microsoft(request):
    if request.path == "/login":
        if b"client_secret=right" in request.body:
            return 200, b'{"access_token": "t", "expires_in": 3600}', JSON
        error = {"error": "invalid_client", "error_codes": [7000215]}
        text = "AADSTS7000215: Invalid client secret provided."
        return 401, json.dumps({**error, "error_description": text}).encode(), JSON
    return 200, b'{"jwks_uri": "https://example.com/keys"}', JSON


@pytest.fixture
def bot(tmp_path):
    def settings(url):
        return {
            "app_id": APP,
            "app_password": "right",
            "token_url": f"{url}/login",
            "openid_metadata_url": f"{url}/openid",
        }

    with registration("botframework", settings, microsoft) as made:
        made.folder = tmp_path
        yield made


def test_the_endpoint_is_a_persons_task_and_the_package_is_written(bot, tmp_path):
    assert bot.register() == ["instruct", "write", "instruct"]
    assert bot.url in bot.platform().actions()[0].what
    assert bot.register() == ["instruct", "unchanged", "instruct"]
    with zipfile.ZipFile(tmp_path / "teams-app.zip") as archive:
        assert archive.namelist() == ["manifest.json", "color.png", "outline.png"]
        made = json.loads(archive.read("manifest.json"))
    assert made["bots"][0]["botId"] == made["id"] == APP
    assert bot.remove() == ["instruct"]


def test_the_package_is_the_same_for_the_same_bot():
    assert package(APP, "https://x.example.com") == package(APP, "https://x.example.com")
    assert manifest(APP, "https://x.example.com/stage")["developer"]["websiteUrl"] == (
        "https://x.example.com"
    )


def test_the_icons_have_the_sizes_that_teams_wants():
    with zipfile.ZipFile(io.BytesIO(package(APP, "https://x.example.com"))) as archive:
        sizes = {
            name: int.from_bytes(archive.read(name)[16:20]) for name in ("color.png", "outline.png")
        }
    assert sizes == {"color.png": 192, "outline.png": 32}


def test_a_picture_is_a_png_of_its_points():
    import struct
    import zlib

    data = png(2, lambda x, y: (255, 0, 0, 255) if x < 0.5 else (0, 0, 255, 0))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert checksum == zlib.crc32(kind + body)
        chunks[kind] = body
        place += 12 + length
    row = b"\0\xff\x00\x00\xff\x00\x00\xff\x00"
    assert zlib.decompress(chunks[b"IDAT"]) == row * 2


def test_a_login_that_works_and_one_that_does_not(bot):
    assert bot.bad() == []
    bot.settings["app_password"] = "wrong"
    with pytest.raises(Refused) as refused:
        bot.examine()
    assert "Manage Password" in refused.value.mend


def test_keys_that_cannot_be_had(bot):
    bot.settings["openid_metadata_url"] = bot.settings["token_url"]
    assert bot.bad() == [("error", "Microsoft's keys cannot be had: status 401")]
