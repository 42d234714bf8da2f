"""Runs a command where there is no network but loopback, and counts what it tried to send elsewhere.

    unshare --map-root-user --net python -m tests.scorecard.alone COMMAND...

In a network namespace of its own the kernel counts every packet that found no route, whoever sent it and however:
Python, a library in C, a child process. The count is the last line of what is printed; the status is the command's.
"""

import fcntl
import socket
import struct
import subprocess
import sys
from pathlib import Path

_READ_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # ioctls of netdevice(7)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _READ_FLAGS, request))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def _without_route() -> int:
    four = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:")]
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return int(dict(zip(*four, strict=True))["OutNoRoutes"]) + int(six.get("Ip6OutNoRoutes", 0))


def main() -> int:
    """Run the command; returns its status."""
    _loopback_up()
    status = subprocess.run(sys.argv[1:]).returncode
    print(_without_route(), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
