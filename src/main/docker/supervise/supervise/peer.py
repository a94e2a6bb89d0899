"""
Identifies the user at the other end of a connection over 127.0.0.1.

The agent can't reach the operator's port, but the guards can. A guard that is tricked into forwarding a request must
not act as the operator: only root (the supervisor, docker exec) and our own user (exec probes) have access. In a
container without root all guards are our own user, and a guard that runs an attacker's code can answer.
"""

import os

ESTABLISHED = "01"
# 127.0.0.1 as each table writes it: Java connects with IPv6 sockets and mapped addresses
TABLES = {"/proc/net/tcp": "0100007F", "/proc/net/tcp6": "0000000000000000FFFF00000100007F"}


def is_operator(client_port: int, our_port: int) -> bool:
    return _user(client_port, our_port) in (0, os.getuid())


def _user(client_port: int, our_port: int) -> int | None:
    for table, loopback in TABLES.items():
        # established only: the kernel lists a socket as root's once its process has closed it
        wanted = [f"{loopback}:{client_port:04X}", f"{loopback}:{our_port:04X}", ESTABLISHED]
        try:
            with open(table, encoding="ascii") as sockets:
                for line in sockets:
                    fields = line.split()
                    if fields[1:4] == wanted:
                        return int(fields[7])
        except FileNotFoundError:
            # the kernel has no IPv6
            continue
    return None
