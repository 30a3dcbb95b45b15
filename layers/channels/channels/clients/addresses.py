"""Addresses that a request to a URL of somebody's may go to: none but public ones.

A Lambda reaches more than its caller does: the metadata of its host, services of its VPC. The
address is checked where it is used, after resolving, because a name may stand for anything and for
something else a moment later (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    type Resolve = Callable[[str, int], list[str]]

#: RFC 4291, IANA: the IPv6 addresses that are given out. Beside them there are old ways to write
#: an IPv4 address (`::127.0.0.1`), site-local ones and more that `is_global` lets pass.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

#: RFC 6052: the prefix under which IPv4 addresses are reached from IPv6 networks.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddress(Exception):
    """A host name stands for an address that is not public; the text names the host only."""


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host name, the best one first; OSError when there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("the name has a label that is empty or too long") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public_addresses(host: str, port: int, resolver: Resolve = resolve) -> list[str]:
    """The addresses to connect to; ForbiddenAddress when one of the host's is not public."""
    addresses = resolver(host, port)
    if not all(is_public(address) for address in addresses):
        raise ForbiddenAddress(f"'{host}' is not a public address")
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, by every way of writing it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None and ip not in _NAT64:
            return ip in _GLOBAL_UNICAST and ip.is_global
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.is_global and not ip.is_multicast
