"""A daemon's stdin is at its end, whatever PID 1's is."""

from conformance.job import IDLE

WHY = (
    "Otherwise daemons wait for input that never comes, or take each other's and that of who attaches to the container."
)
BITTEN = ()
NEEDS = ()


def check(test):
    job = test.job()
    fifo = job.directory / "stdin"
    job.daemon("web", f"while read line; do event read $line; done\nevent end\n{IDLE}")
    # opened for reading and writing, a FIFO never comes to its end
    with test.start(job, setup=f"mkfifo {fifo}\nexec 0<>{fifo}") as container:
        container.await_event("web end")
