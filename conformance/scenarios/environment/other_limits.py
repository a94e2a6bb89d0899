"""A daemon has the limits of stack, core file and file size that PID 1 was started with."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "They keep one daemon from filling the disk, with a core file or otherwise."
BITTEN = ("Supervisor/supervisor#963",)
NEEDS = ()

WANTED = {
    "Max stack size": (str(4096 * 1024), str(16384 * 1024)),
    "Max core file size": ("0", str(512 * 1024)),
    "Max file size": (str(1 << 30), str(1 << 31)),
}


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    # in units of 1,024 bytes, for the other two of 512
    setup = (
        f"ulimit -Ss 4096\nulimit -Hs 16384\nulimit -Sc 0\nulimit -Hc 1024\nulimit -Sf {1 << 21}\nulimit -Hf {1 << 22}"
    )
    with test.start(job, setup=setup) as container:
        container.await_starts()
        pid = container.live_pid("web")
        for name, wanted in WANTED.items():
            limits = processes.limits(pid, name)
            expect(limits == wanted, f"{name}: {' and '.join(limits)} instead of {' and '.join(wanted)}")
