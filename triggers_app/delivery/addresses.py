"""Which addresses an effect outside may reach, decided for the address that is connected to.

A name is resolved once, and the connection goes to the address that was checked: a name
that answers differently the second time gains nothing. Without this check an automation
could be used to talk to the machines behind the server.
"""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = 0x5EFE  # in the middle of an interface's number, with or without the "global" bit
# Written out, as Python's own lists differ between its releases.
# Source: IANA's registries of special-purpose addresses (RFC 6890), read in 2026.
_SPECIAL_IPV4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared with a provider
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# All other IPv6 addresses are loopback, local, mapped, multicast, or nobody's.
_ALLOCATED = ipaddress.IPv6Network("2000::/3")
_SPECIAL_IPV6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID, AS112 …
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the former test network
        "3fff::/20",  # documentation
    )
]


class PrivateAddress(Exception):
    """The host lies in a private, loopback, link-local or otherwise special network."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"`{host}` is a private address, which Flint does not call. An administrator may "
            "allow it with FLINT_ALLOW_PRIVATE_WEBHOOKS=1."
        )


def is_public(address: Address) -> bool:
    """Whether it can be reached over the internet; addresses inside addresses count, too."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    inner = _inside(address)
    if inner is not None and not is_public(inner):
        return False
    if address in _MAPPED or address in _NAT64:
        return True
    return address in _ALLOCATED and not any(address in network for network in _SPECIAL_IPV6)


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a packet for this address is sent on to."""
    number = int(address)
    if address in _MAPPED or address in _NAT64 or number >> 32 & 0xFDFFFFFF == _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return address.sixtofour


# What this exchange has opened. Who is cut off in the middle of a handshake closes nothing.
_opened: ContextVar[list[httpcore.AsyncNetworkStream] | None] = ContextVar("opened", default=None)


@asynccontextmanager
async def closing_what_is_opened() -> AsyncIterator[None]:
    """Connections that are opened meanwhile, by this task, are closed at the end for certain."""
    opened: list[httpcore.AsyncNetworkStream] = []
    token = _opened.set(opened)
    try:
        yield
    finally:
        _opened.reset(token)
        for stream in opened:
            with suppress(Exception):
                await stream.aclose()


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only. `allow_private` checks nothing."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises PrivateAddress when one of the host's addresses is none of the internet."""
        failure: Exception = httpcore.ConnectError(f"`{host}` has no address.")
        for address in await self.resolved(host, port):
            try:
                stream = await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            if (opened := _opened.get()) is not None:
                opened.append(stream)
            return stream
        raise failure

    async def resolved(self, host: str, port: int) -> list[str]:
        """The addresses of a host. Raises PrivateAddress, and ConnectError for none."""
        try:
            looked_up = await _look_up(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"`{host}` cannot be resolved: {error}") from None
        addresses = list(dict.fromkeys(looked_up))
        if not self._allow_private:
            for text in addresses:
                if not is_public(ipaddress.ip_address(text.partition("%")[0])):
                    raise PrivateAddress(host)
        return addresses


async def _look_up(host: str, port: int) -> list[str]:
    """The addresses of a name. A thread for each: a slow server of names holds up no other."""
    try:
        return _addresses(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    except UnicodeError as error:
        raise OSError(str(error)) from None
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def tell(looked_up: list[str] | OSError) -> None:
        if answer.done():
            return
        if isinstance(looked_up, OSError):
            answer.set_exception(looked_up)
        else:
            answer.set_result(looked_up)

    def ask() -> None:
        try:
            addresses: list[str] | OSError = _addresses(host, port)
        except OSError as error:
            addresses = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, addresses)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return await answer


def _addresses(host: str, port: int, flags: int = 0) -> list[str]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [str(entry[4][0]) for entry in infos]
