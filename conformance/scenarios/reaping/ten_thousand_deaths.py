"""10,000 deaths leave neither memory nor descriptors behind."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A container lives for months, and a leak of some bytes for each death ends it one night."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART)
ALONE = True

ROUNDS = 10
DAEMONS = 10
ORPHANS = 990
# garbage collectors let memory grow before they collect
MORE_KB = 8 << 10
MORE_DESCRIPTORS = 10


def check(test):
    job = test.job(policy=Policy.RESTART)
    wish = job.directory / "wish"
    job.daemon(
        "parent",
        f"mkfifo {wish}; exec 3<>{wish}; event reads\nwhile read line <&3; do\n"
        f"(i=0; while [ $i -lt {ORPHANS} ]; do : & i=$((i + 1)); done)\nevent forked\ndone",
    )
    names = [f"web{number}" for number in range(DAEMONS)]
    for name in names:
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_event("parent reads")
        for round in range(ROUNDS):
            for name in names:
                container.await_event(f"{name} started ", round + 1)
            for name in names:
                container.kill(name)
            with open(wish, "r+b", buffering=0) as fifo:
                fifo.write(b"\n")
            container.await_event("parent forked", round + 1, within=60)
            container.await_that(lambda: container.zombies() == 0, "end of all zombies")
            if round == 0:
                await_all(container, names, 2)
                memory, descriptors = use(container)
        await_all(container, names, ROUNDS + 1)
        more_memory, more_descriptors = use(container)
        expect(more_memory < memory + MORE_KB, f"{more_memory} KB of memory after {memory}")
        expect(more_descriptors < descriptors + MORE_DESCRIPTORS, f"{more_descriptors} descriptors after {descriptors}")


def await_all(container, names, starts):
    for name in names:
        container.await_event(f"{name} started ", starts)
    container.await_that(lambda: container.zombies() == 0, "end of all zombies")


def use(container):
    pids = container.supervising()
    return sum(map(processes.resident, pids)), sum(map(processes.descriptors, pids))
