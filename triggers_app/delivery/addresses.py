"""Which addresses an effect outside may reach, decided for the address that is connected to.

A name is resolved once, and the connection goes to the address that was checked: a name
that answers differently the second time gains nothing. Without this check an automation
could be used to talk to the machines behind the server.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class PrivateAddress(Exception):
    """The host lies in a private, loopback, link-local or otherwise special network."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"`{host}` is a private address, which Flint does not call. An administrator may "
            "allow it with FLINT_ALLOW_PRIVATE_WEBHOOKS=1."
        )


def is_public(address: Address) -> bool:
    """Whether it can be reached over the internet; addresses inside addresses count, too."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


class CheckedNetwork(httpcore.NetworkBackend):
    """Opens connections to checked addresses only. `allow_private` checks nothing."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises PrivateAddress when one of the host's addresses is none of the internet."""
        failure: Exception = httpcore.ConnectError(f"`{host}` has no address.")
        for address in self._resolved(host, port):
            try:
                return self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _resolved(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"`{host}` cannot be resolved: {error}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._allow_private:
            for text in addresses:
                if not is_public(ipaddress.ip_address(text.partition("%")[0])):
                    raise PrivateAddress(host)
        return addresses
