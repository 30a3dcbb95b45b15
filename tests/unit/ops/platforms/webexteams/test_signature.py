import hmac

from tests.unit.ops.platforms.signed import sign


def test_webexs_digest():
    signed = sign("webexteams/message_direct", {"webhook_secret": "w"})
    digest = hmac.new(b"w", signed.body, "sha1").hexdigest()
    assert signed.headers["x-spark-signature"] == digest
