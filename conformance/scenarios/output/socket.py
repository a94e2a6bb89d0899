"""When stdout is a socket, the lines of all daemons come out of it."""

import socket

from conformance import lines
from conformance.container import Output
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Some engines and systemd give a socket, which can't be opened by the path `/dev/stdout`."
BITTEN = ("moby/moby#31243",)
NEEDS = (Claim.SEVERAL, Claim.OUTPUT)

LINES = 1000


def check(test):
    job = test.job()
    for name in ("a", "b"):
        job.daemon(name, f"{lines.writing(name, LINES)}\n{IDLE}")
    ours, theirs = socket.socketpair()
    output = Output(ours.detach())
    try:
        with test.start(job, stdout=theirs.fileno()):
            theirs.close()
            for name in ("a", "b"):
                lines.await_all(output, name, LINES)
    finally:
        output.close()
