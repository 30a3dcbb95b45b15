from slack_sdk.signature import SignatureVerifier

from tests.unit.ops.platforms.signed import sign


def test_slacks_own_library_agrees():
    signed = sign("slack/message_im", {"slack_signing_secret": "s3cret"})
    assert SignatureVerifier("s3cret").is_valid_request(signed.body.decode(), signed.headers)
