"""A probe that fails, is killed or takes too long is not taken for a dead daemon."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A process that the supervisor reaps and does not know ended the container, up to 46 times an hour."
BITTEN = ("lineofflight/frankfurter#558",)
NEEDS = (Claim.TEARDOWN, Claim.READINESS)

PROBES, SECONDS = 6, 15


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    number = job.directory / "number"
    # one after the other: failed, killed, left something behind that ends later, hung
    kinds = ("exit 1", "kill -KILL $$", "(sleep 0.3 &); exit 1", "sleep 86399")
    cases = " ".join(f"*[{i}{i + len(kinds)}]) {kind} ;;" for i, kind in enumerate(kinds))
    job.daemon("web", IDLE, ready=f"event probed\necho >>{number}\ncase $(wc -l <{number}) in {cases} esac\nexit 1")
    with test.start(job) as container:
        container.await_event("web-ready probed")
        # some end probing when too many have failed
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and len(container.events("web-ready probed")) < PROBES:
            time.sleep(0.05)
        expect(container.running() and container.is_alive("web"), "the container or the daemon ended")
        expect(len(container.events("web started")) == 1, "the daemon was started again")
