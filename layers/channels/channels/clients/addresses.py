"""Check that a URL supplied by somebody else leads to a public address.

A Lambda can reach more than its caller can: the metadata service of its host, services in its VPC.
The address is checked where it is used, after DNS resolution, because a name may resolve to any
address, and to a different one a moment later (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    type Resolve = Callable[[str, int], list[str]]

#: RFC 4291, IANA: the IPv6 addresses that are assigned. Addresses outside this range include old
#: ways to write an IPv4 address (`::127.0.0.1`) and site-local addresses, which `is_global`
#: accepts.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

#: RFC 6052: the prefix under which IPv6 networks reach IPv4 addresses.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddress(Exception):
    """A host name resolves to an address that is not public; the text names only the host."""


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of a host name, preferred first; raise OSError if there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("the host name has a label that is empty or too long") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public_addresses(host: str, port: int, resolver: Resolve = resolve) -> list[str]:
    """Return the addresses to connect to; raise ForbiddenAddress if any of them is not public."""
    addresses = resolver(host, port)
    if not all(is_public(address) for address in addresses):
        raise ForbiddenAddress(f"'{host}' is not a public address")
    return addresses


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet, however it is written."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None and ip not in _NAT64:
            return ip in _GLOBAL_UNICAST and ip.is_global
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.is_global and not ip.is_multicast
