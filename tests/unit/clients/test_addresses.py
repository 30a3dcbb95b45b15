"""Addresses a callback may go to."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.clients.addresses import ForbiddenAddress, is_public, public_addresses, resolve


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
        ("2002:a9fe:a9fe::", False),
        ("2002:808:808::", False),
        ("2001:0:4136:e378:8000:63bf:5601:5601", False),
        ("2001:0:4136:e378:8000:63bf:f7f7:f7f7", False),
        ("::127.0.0.1", False),
        ("::169.254.169.254", False),
        ("::8.8.8.8", False),
        ("64:ff9b:1::7f00:1", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("ff0e::1", False),
        ("5f00::1", False),
        ("2001:db8::1", False),
        ("240.0.0.1", False),
        ("198.18.0.1", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "017700000001", "::1", "0"]
)
def test_this_machine_is_refused_however_it_is_written(host):
    with pytest.raises(ForbiddenAddress, match="not a public address"):
        public_addresses(host, 80)


def test_a_name_with_one_private_address_is_refused():
    answers = ["93.184.215.14", "10.0.0.1"]
    with pytest.raises(ForbiddenAddress):
        public_addresses("mixed.example", 443, lambda host, port: answers)
    assert public_addresses("fine.example", 443, lambda host, port: answers[:1]) == answers[:1]


def test_a_name_is_resolved_to_each_of_its_addresses_once():
    found = resolve("localhost", 80)
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..example"])
def test_a_name_that_dns_cannot_have_does_not_resolve(name):
    with pytest.raises(OSError, match="label"):
        resolve(name, 80)


@given(address=st.ip_addresses())
def test_an_address_is_public_only_where_the_registries_say_so(address):
    if is_public(str(address)):
        assert address.is_global
        assert not (address.is_loopback or address.is_link_local or address.is_multicast)


@given(inner=st.ip_addresses(v=4))
def test_an_ipv4_address_inside_another_one_is_never_more_public(inner):
    packed = int(inner)
    for outer in (
        packed,
        0xFFFF << 32 | packed,
        0x64FF9B << 96 | packed,
        0x2002 << 112 | packed << 80,
    ):
        assert not is_public(str(IPv6Address(outer))) or is_public(str(inner))
