"""Where a request comes from, to count callers by."""

import ipaddress
from collections.abc import Sequence


def network_of(address: str) -> str:
    """Return what callers are counted by: an IPv4 address, or the IPv6 network of one household."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def address_of(peer: str, forwarded: Sequence[str]) -> str:
    """Return a caller's address: the last that a proxy on a private network has seen, else the peer's.

    Args:
        peer: who opened the connection.
        forwarded: the lines of `X-Forwarded-For`. The last one comes from the proxy. Those before it may
            be the caller's own inventions.

    """
    last = forwarded[-1].rpartition(",")[2].strip() if forwarded else ""
    try:
        behind_proxy = bool(last) and ipaddress.ip_address(peer).is_private
    except ValueError:
        return peer
    return last if behind_proxy else peer
