"""Google's side for tests: tokens of its three kinds, and the key sets that they are signed by."""

import atexit
import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

PROJECT = "1234567890"
CHAT = "chat@system.gserviceaccount.com"
GOOGLE = "https://accounts.google.com"
ADD_ON = f"service-{PROJECT}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com"

#: The endpoint of the published-for-tests token of the second kind, and that of the example events.
VECTOR_ENDPOINT = "https://example.com/webhooks/hangouts/webhook"
ENDPOINT = "https://abc123.execute-api.eu-west-1.amazonaws.com/webhooks/hangouts/webhook"

#: Tokens whose private keys nobody has: for the project's number, and for `VECTOR_ENDPOINT`. They
#: are valid from 2026 to 2100.
VECTOR_A = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJpc3MiOiJjaGF0QHN5c3RlbS5nc2Vydmlj"
    "ZWFjY291bnQuY29tIiwiYXVkIjoiMTIzNDU2Nzg5MCIsImlhdCI6MTc2NzIyNTYwMCwiZXhwIjo0MTAyNDQ0ODAw"
    "fQ.Vcsm8z_KauTqWdZbK8qYy6EK9rIDHHygy-ynWOVpZk5u6sK4QDNj66mziT1ngujhWyq-w-xZQgE6vd5wS0T1w"
    "g1hPCrDdPuQg0dZo_v_36GlWr0_EoRC1CZgsSKUOv3DVtfWLLtT6vTmojIcwCCIoQyU9LCIAp1CwQIAvl2EXDQ-"
    "dcEA0YsruHbEJnsVRrfhR-KhwjoOSVZD5jvIXcjT4_uXVl3nmyGTMDVPdQpCu7WZ_KzarO0VeLbmuEBGMzrdkedl"
    "5fRIP8uRK3-UYXU_LrFfISqCEKUO4U69wXKrBQg7Na2NJ3c-SOin-gOWH2u0vR1hTfHLR0p0mxSh3AKIjQ"
)
VECTOR_B = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2FjY291bnRzLmdv"
    "b2dsZS5jb20iLCJhdWQiOiJodHRwczovL2V4YW1wbGUuY29tL3dlYmhvb2tzL2hhbmdvdXRzL3dlYmhvb2siLCJl"
    "bWFpbCI6ImNoYXRAc3lzdGVtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiaWF0"
    "IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9.Xcbff9doEeStCwvfGZ3QmmQV7cSguKPNe1IrDWzbO7vYz7Q"
    "wkRFYnabf6dATtMJMlFDbnIUfmCaNAyrPb6Zk0ZeokYZAtp0-"
    "Y0pRszUt6SYGoeeYajMOZ37bUCTRRHCQlei9mHD_1Rg5cFpMoW_IuhysB0SrrKECyvSnknzfWkByWPVRZsWBBSbT"
    "F40zRkjIJaPGKOKE3BIqTWgMoJ0dkv8ciH4J5dYsOOALDy4uNM39YRg9_BBG6a0hTDXOR3FeQ7PhN8CGrrrE-"
    "VJpCAyC5LCxSS8QWi6_imL4FDs7oDnSbcOHNS5m7aNwVZjcJH_h37UKU1iLCkPUPcX5DktC3g"
)

#: The public keys of the two, and of the add-on's token in the example events.
_MODULI = {
    "k1": (
        "mKrQ6LPMa6HoIE6R08xDfhZJ82SMvLV33eSsh0fyeDQGmCQVvJL52sO7t0SyseDgq9dySq4y675KW2TLDzN88p-"
        "O3fexN0q2VHqosRb9CsNembW_BjBuv1bsxVC9GiidW7QhCMkDuOJg3rLjRF3lpjcdq8zbTtPq6hqX7F48OCgl9UY"
        "OCmJTM14yrDki0Ab3C53ZTQoFNpWo4y-Nf6Oz_Y5HnejZ-"
        "5c9hAJ4wu9hgVcZ_W_mQY7LJLKfAsgSqp23sCC6xara40nB-4_AD-"
        "VfjcB8MZ78SU_AW1S3EQNpdxLMmnqUNMVSlX-GqX8S5T_ksPOnpR8eydO59pLAGZoT-w"
    ),
    "k2": (
        "n1pk7Jo1AP9DvNQtcWFLgKgWkYZguM9wcvwZwPHlCToDgHE2oiCpW-Mbxt5FFyd-uJ3bV7q9xmoC7l54baiEawyZ"
        "oF2LQl0R2NOnXtIkvsiRbnFMY4ru-2cFY-"
        "n5FjV8sZfuF24MlSusKBWQtHMWZOaEVXOOUi0DvN7B7Ebh2MniC1sPAErnOtOU6iTVL2Weo2xLDfI0ePzPWB4ifA"
        "iFtKG3SkC-AL6Mid5PQsNYIkkH2BcHs6Ba94T9zbotnA_SQ_F6sh1v-VuF_mRGSxC8vvBJW7wnQLonH5jGXG1-"
        "V3dt4GG_9-yYg2oa5JWhyGDgd_GDBA8dCKwTR_VfJGXUIQ"
    ),
}
_VECTOR_KEYS = [
    {"kty": "RSA", "alg": "RS256", "kid": kid, "n": n, "e": "AQAB"} for kid, n in _MODULI.items()
]

CHAT_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
GOOGLE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key, key_id):
    """The public half of a key, as a key set has it."""
    return {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": key_id}


def pem(key):
    """A private key, as a service account's JSON has it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KEY_SETS = {
    "/chat": {"keys": [*_VECTOR_KEYS, public(CHAT_KEY, "chat-1")]},
    "/google": {"keys": [*_VECTOR_KEYS, public(GOOGLE_KEY, "google-1")]},
}


@cache
def keys_url():
    """Where both key sets are served for the length of the test run."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(KEY_SETS[self.path]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    atexit.register(server.server_close)
    return f"http://127.0.0.1:{server.server_address[1]}"


def key_urls():
    """The settings by which the channel finds the keys."""
    return {"chat_keys_url": f"{keys_url()}/chat", "google_keys_url": f"{keys_url()}/google"}


def _signed(key, key_id, claims):
    given = {"iat": int(time.time()), "exp": int(time.time()) + 3600, **claims}
    kept = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(kept, key, algorithm="RS256", headers={"kid": key_id})


def project_token(key=CHAT_KEY, key_id="chat-1", **claims):
    """A token for a project's number; a claim of None is left out."""
    return _signed(key, key_id, {"iss": CHAT, "aud": PROJECT, **claims})


def endpoint_token(key=GOOGLE_KEY, key_id="google-1", **claims):
    """A token for an endpoint, of Google Chat's account."""
    owner = {"email": CHAT, "email_verified": True}
    return _signed(key, key_id, {"iss": GOOGLE, "aud": ENDPOINT, **owner, **claims})


def add_on_token(**claims):
    """A token for an endpoint, of the account that calls the project's add-ons."""
    return endpoint_token(**{"email": ADD_ON, **claims})
