from tests.unit.ops.platforms.signed import sign


def test_rocketchats_livechat_has_its_own_token():
    section = {"webhook_token": "w", "livechat_token": ["l", "m"]}
    signed = sign("rocketchat/livechat_unsigned", section)
    assert signed.headers["x-rocketchat-livechat-token"] == "l"
