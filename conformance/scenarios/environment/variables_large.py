"""A variable of 100 KB and 1,000 small ones arrive at a daemon."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "Kubernetes adds some for each service of a namespace, and certificates come in variables."
BITTEN = ()
NEEDS = ()

SIZE, NUMBER = 100_000, 1000


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    setup = (
        f"export LARGE=$(head -c {SIZE} /dev/zero | tr '\\0' x)\n"
        f"i=0; while [ $i -lt {NUMBER} ]; do export SMALL_$i=value; i=$((i + 1)); done"
    )
    with test.start(job, setup=setup) as container:
        container.await_starts()
        found = processes.environment(container.live_pid("web"))
        expect(len(found.get(b"LARGE", b"")) == SIZE, f"{len(found.get(b'LARGE', b''))} bytes of {SIZE}")
        small = sum(name.startswith(b"SMALL_") for name in found)
        expect(small == NUMBER, f"{small} variables of {NUMBER}")
