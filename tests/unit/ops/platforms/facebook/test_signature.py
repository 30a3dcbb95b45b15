import hmac

from tests.unit.ops.platforms.signed import sign


def test_metas_question_gets_the_verify_token():
    signed = sign("facebook/challenge_wrong_token", {"verify": "right", "secret": "s"})
    assert signed.read().args.get("hub.verify_token") == "right"


def test_metas_digest_is_of_the_first_secret():
    signed = sign("facebook/text", {"secret": ["first", "second"]})
    digest = hmac.new(b"first", signed.body, "sha256").hexdigest()
    assert signed.headers["x-hub-signature-256"] == f"sha256={digest}"
