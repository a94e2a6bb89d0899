"""
Who is at the other end of a connection over 127.0.0.1.

The agent can't reach the operator's port, but it talks to guards that can. One of them that is talked into passing a request
on must not become the operator: only root (the supervisor, docker exec) and our own user (exec probes) are let in.
"""

import os

ESTABLISHED = "01"
# 127.0.0.1 in both tables: Java connects by IPv6 sockets, with mapped addresses
TABLES = {"/proc/net/tcp": "0100007F", "/proc/net/tcp6": "0000000000000000FFFF00000100007F"}


def may_operate(client_port: int, our_port: int) -> bool:
    return _user(client_port, our_port) in (0, os.getuid())


def _user(client_port: int, our_port: int) -> int | None:
    for table, loopback in TABLES.items():
        # only while it is established: the kernel lists a socket that its process has closed as root's
        wanted = [f"{loopback}:{client_port:04X}", f"{loopback}:{our_port:04X}", ESTABLISHED]
        try:
            with open(table, encoding="ascii") as sockets:
                for line in sockets:
                    fields = line.split()
                    if fields[1:4] == wanted:
                        return int(fields[7])
        except FileNotFoundError:
            # a kernel without IPv6
            continue
    return None
