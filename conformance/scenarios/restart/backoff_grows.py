"""The delay between the starts of a daemon that dies at once grows."""

from itertools import pairwise

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "What can't start for hours would otherwise load the machine, and what it connects to, all the time."
BITTEN = ("open-cli-tools/concurrently#265", "moby/moby#41856")
NEEDS = (Claim.RESTART, Claim.BACKOFF)

STARTS = 5


def check(test):
    job = test.job(policy=Policy.RESTART, backoff=True)
    job.daemon("loops", "event at $(date +%s.%N)\nexit 1")
    with test.start(job) as container:
        container.await_event("loops at", STARTS, within=60)
        times = [float(event.split()[-1]) for event in container.events("loops at")]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        expect(gaps[-1] > 1.5 * gaps[0], "the seconds between starts: " + ", ".join(f"{gap:.2f}" for gap in gaps))
