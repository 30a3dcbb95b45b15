"""Signatures and proofs over fixed bytes, computed apart from the code under test."""

SECRET = "0123456789abcdef0123456789abcdef"

TEXT = (
    b'{"object":"page","entry":[{"id":"1000000000001","time":1767225600000,"messaging":[{"sender":'
    b'{"id":"PSID_1"},"recipient":{"id":"1000000000001"},"timestamp":1767225599000,"message":'
    b'{"mid":"m_A1","text":"hi"}}]}]}'
)
TEXT_SHA256 = "sha256=c35adf70e4405b7b9c62ec5bd9d428549f7444ad15febf72f3ff6317224fc00d"
TEXT_SHA1 = "sha1=469fdfd59218b048ed039aef38d38c1c6e8bc830"

#: Meta escapes what is not ASCII, and slashes, and signs the escaped form.
ESCAPED = (
    b'{"object":"page","entry":[{"id":"1","messaging":[{"message":{"mid":"m_E","text":'
    b'"\\u00e4\\u00f6\\u00e5 \\/ \\ud83d\\ude00"}}]}]}'
)
ESCAPED_SHA256 = "sha256=d5f34fee73f9fcc8cda2bc2dc9e52b27244267b8e336a7186c55f5b0c4b5c804"
#: What a signature over the same JSON, serialised anew, would be.
UNESCAPED_SHA256 = "sha256=10b951375e08827a96079fe1d28c39a4dc1b8f42b7b1da0aaf708c8fd1cfed93"

PROOF_TOKEN = "EAAGtoken"
PROOF = "0a14438fa9b64628a3dd6e4af430eb119c0cdb171db6d79e205c54816c52bb0d"
