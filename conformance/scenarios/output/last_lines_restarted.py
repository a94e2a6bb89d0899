"""What a daemon writes right before it exits comes out before the lines of its next start."""

import re

from conformance import lines
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "The last lines of a dead daemon are those that say why it died; after those of the next start they mislead."
BITTEN = ("F1bonacc1/process-compose#237",)
NEEDS = (Claim.RESTART, Claim.OUTPUT)

DEATHS, LINES = 3, 1000


def check(test):
    job = test.job(policy=Policy.RESTART)
    commands = [
        f"n=$(grep -c '^web started' {job.events})",
        f"[ $n -gt {DEATHS} ] && {IDLE}",
        lines.writing("$n", LINES),
    ]
    job.daemon("web", "\n".join([*commands, "exit 3"]))
    with test.start(job) as container:
        container.await_starts(DEATHS + 1, within=60)
        for number in range(1, DEATHS + 1):
            lines.await_all(container.output, str(number), LINES)
        starts = [int(number) for number in re.findall(rb"(\d)-line-", container.output.bytes())]
        expect(starts == sorted(starts), "a line of a start came after those of the next one")
