"""When stdout is a file, the lines of all daemons are in it."""

import os

from conformance import lines
from conformance.container import Output
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Who opens the file afresh by its path writes over what is there, or can't seek in what is no file."
BITTEN = ("docker/docs#17298",)
NEEDS = (Claim.SEVERAL, Claim.OUTPUT)

LINES = 1000


def check(test):
    job = test.job()
    for name in ("a", "b"):
        job.daemon(name, f"{lines.writing(name, LINES)}\nevent done\n{IDLE}")
    path = job.directory / "output"
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    with test.start(job, stdout=file) as container:
        os.close(file)
        for name in ("a", "b"):
            container.await_event(f"{name} done")
            wanted = f"{name}-line-{LINES - 1}.".encode()
            container.await_that(lambda wanted=wanted: wanted in path.read_bytes(), f"`{wanted.decode()}`")
        output = Output(os.open(path, os.O_RDONLY))
        for name in ("a", "b"):
            lines.await_all(output, name, LINES)
        output.close()
