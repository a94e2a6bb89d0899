"""When the reader of the output has gone, the daemons that write live on."""

import os

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A log driver that crashes must not end what it was to observe; SIGPIPE ends who is not prepared."
BITTEN = ("containerd/containerd#12462",)
NEEDS = (Claim.SEVERAL, Claim.LABELS)


def check(test):
    job = test.job(policy=Policy.RESTART, labels=True)
    for name in ("a", "b"):
        job.daemon(name, "while :; do echo a line; event wrote; sleep 0.1; done")
    reading, writing = os.pipe()
    with test.start(job, stdout=writing) as container:
        os.close(writing)
        container.await_starts()
        os.close(reading)
        for name in ("a", "b"):
            container.await_event(f"{name} wrote", len(container.events(f"{name} wrote")) + 20)
            expect(len(container.events(f"{name} started")) == 1, f"{name} died")
