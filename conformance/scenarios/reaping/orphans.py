"""2,000 orphans that end at once are reaped."""

from conformance.job import IDLE

WHY = "An exited process that nobody waits for keeps its number; when they run out, nothing can be started."
BITTEN = ("NousResearch/hermes-agent#111577", "minio/minio#6974", "filebrowser/filebrowser#3844")
NEEDS = ()

ORPHANS = 2000


def check(test):
    job = test.job()
    gate = job.directory / "gate"
    # the shell in parentheses ends at once, so its children become orphans; each takes one newline
    job.daemon(
        "parent",
        f"mkfifo {gate}; exec 3<>{gate}\n(i=0; while [ $i -lt {ORPHANS} ]; do read line <&3 & i=$((i + 1)); done)\n"
        f"event forked\n{IDLE}",
    )
    with test.start(job) as container:
        container.await_event("parent forked", within=60)
        with open(gate, "r+b", buffering=0) as fifo:
            fifo.write(b"\n" * ORPHANS)
        container.await_that(lambda: len(container.processes()) < 100, "end and reaping of the orphans", within=60)
        container.await_that(lambda: container.zombies() == 0, "end of all zombies")
