"""SigV4, held against botocore's own signer."""

import datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from channels.aws.client.signing import Credentials, signed_headers

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
TIMESTAMP = "20260102T030405Z"
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
HEADER_VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


class _FixedTime(SigV4Auth):
    """botocore's signer at a fixed time."""

    def add_auth(self, request):
        request.context["timestamp"] = TIMESTAMP
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        signature = self.signature(self.string_to_sign(request, canonical), request)
        self._inject_signature_to_request(request, signature)


@given(
    access_key=PRINTABLE,
    secret_key=PRINTABLE,
    session_token=st.one_of(st.just(""), PRINTABLE),
    region=st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1"]),
    service=st.sampled_from(["sqs", "ssm", "dynamodb", "execute-api", "lambda"]),
    target=HEADER_VALUE,
    body=st.binary(max_size=300),
    method=st.sampled_from(["POST", "DELETE", "GET"]),
    path=st.sampled_from(
        ["/", "/prod/@connections/L0SM9cOFvHcCIhw%3D", "/2015-03-31/functions/a%3Ab/invocations"]
    ),
)
def test_signature_is_botocores(  # noqa: PLR0913, PLR0917
    access_key, secret_key, session_token, region, service, target, body, method, path
):
    headers = {
        "host": f"{service}.{region}.amazonaws.com",
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": target,
    }
    ours = signed_headers(
        Credentials(access_key, secret_key, session_token),
        region=region,
        service=service,
        timestamp=TIMESTAMP,
        path=path,
        headers=headers,
        body=body,
        method=method,
    )
    request = AWSRequest(method, f"https://{headers['host']}{path}", headers=headers, data=body)
    credentials = BotocoreCredentials(access_key, secret_key, session_token or None)
    _FixedTime(credentials, service, region).add_auth(request)
    assert ours["authorization"] == request.headers["Authorization"]
    assert ours["x-amz-date"] == TIMESTAMP == NOW.strftime("%Y%m%dT%H%M%SZ")
    assert ours.get("x-amz-security-token", "") == session_token
