"""Whose a connection over loopback is, where the system tells: everybody with an account may connect to it."""

import os
import socket
from pathlib import Path

_TABLES = {socket.AF_INET: Path("/proc/net/tcp"), socket.AF_INET6: Path("/proc/net/tcp6")}


def is_foreign(client: tuple[str, int], server: tuple[str, int]) -> bool:
    """Whether the other end is a process of another user, and not of root; False where nobody can tell.

    client, server: address and port of both ends.
    """
    user = _owner(client, server)
    return user is not None and user not in (os.getuid(), 0)


def _owner(client: tuple[str, int], server: tuple[str, int]) -> int | None:
    family = socket.AF_INET6 if ":" in client[0] else socket.AF_INET
    # Seen from the other end, which is a socket of this machine, too: proc(5), /proc/net/tcp.
    ends = [_written(family, *client), _written(family, *server)]
    try:
        with _TABLES[family].open() as table:
            for row in table:
                columns = row.split()
                if columns[1:3] == ends:
                    return int(columns[7])
    except (OSError, ValueError):
        return None
    return None


def _written(family: socket.AddressFamily, host: str, port: int) -> str:
    packed = socket.inet_pton(family, host)
    words = (packed[at : at + 4][::-1] for at in range(0, len(packed), 4))
    return f"{b''.join(words).hex().upper()}:{port:04X}"
