"""The address the server listens on: this machine's own, unless other machines are let in."""

import contextlib
import errno
import ipaddress
import socket
import sys

from prompts.errors import UserError


class AddressRefused(UserError):
    """An address the server does not listen on."""


def listen(host: str, port: int, remote: bool) -> socket.socket:
    """A socket that listens. Raises AddressRefused for an address that is not loopback without remote, or cannot be had."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not (address.is_loopback or remote):
        raise AddressRefused(
            f"{host!r} is not an address of this machine alone",
            "Use --host 127.0.0.1; --allow-remote lets other machines in that know the token",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # Only where the protocol is named does asyncio send small packets at once, and not 40 ms later.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            # There the option would share a port that is in use.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((str(address), port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise _unavailable(host, port, error) from error
    return listening


def _unavailable(host: str, port: int, error: OSError | OverflowError) -> AddressRefused:
    other = "Choose another one with --port; --port 0 takes any that is free"
    if isinstance(error, OverflowError):
        return AddressRefused(f"There is no port {port}", other)
    if error.errno == errno.EADDRINUSE:
        return AddressRefused(f"Port {port} is in use, perhaps by another `viva serve`", other)
    if error.errno == errno.EADDRNOTAVAIL:
        return AddressRefused(f"{host} is not an address of this machine", "--host 0.0.0.0 takes all it has")
    if error.errno == errno.EACCES:
        return AddressRefused(f"Port {port} is not for everybody to use", other)
    return AddressRefused(f"Port {port} cannot be opened ({error.strerror})", other)


def url_of(listening: socket.socket, host: str) -> str:
    """How the address is opened. host: as it was asked for; for all of the machine's, the one others see is told."""
    address, port = listening.getsockname()[:2]
    if ipaddress.ip_address(address).is_unspecified:
        host = _seen_from_outside(listening.family)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _seen_from_outside(family: socket.AddressFamily) -> str:
    any_other, itself = ("2001:db8::1", "::1") if family == socket.AF_INET6 else ("192.0.2.1", "127.0.0.1")
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: connecting a datagram socket only chooses the address to send from.
        probe.connect((any_other, 9))
        return str(probe.getsockname()[0])
    return itself
