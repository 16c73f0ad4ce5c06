"""Addresses that nobody's setting leads to: where clouds tell a machine its secrets, and what wraps them."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What clouds tell about their machines, secrets included, beside the link-local addresses of the most.
METADATA = {
    ipaddress.ip_address(address)
    for address in (
        "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe",
    )
}  # fmt: skip
METADATA_NAMES = {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}
# An IPv4 address in the last four bytes: translated (RFC 6052, 8215, 2765) or compatible.
WRAPPING = [
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
]


def of(text: str) -> Address | None:
    """None for a name."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one wraps, in each way that routers and hosts unwrap."""
    if isinstance(address, ipaddress.IPv4Address) or address.is_unspecified or address.is_loopback:
        return address
    if any(address in network for network in WRAPPING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def is_never_asked(address: Address) -> bool:
    """Whatever the settings say."""
    address = meant(address)
    return address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified


def is_of_the_world(address: Address) -> bool:
    """Nobody's own network. What was once for one's own, or is for nobody yet, may be routed anywhere."""
    address = meant(address)
    return address.is_global and not (address.is_reserved or getattr(address, "is_site_local", False))


def is_forbidden(host: str) -> bool:
    """Name or number: nothing of ours is there, and it would hand out the machine's own secrets."""
    if host.lower().rstrip(".") in METADATA_NAMES:
        return True
    address = of(host)
    return address is not None and is_never_asked(address)


def leads_astray(host: str, port: int | None) -> bool:
    """That it is written as a name, or as one number, changes nothing about where it leads."""
    if is_forbidden(host):
        return True
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Whoever connects is told so in its own words.
        return False
    return any(is_forbidden(str(address[0])) for *_, address in found)
