"""What a dead daemon left in a process group of its own does not keep the port from the next start."""

from conformance.job import Policy
from conformance.suite import free_port
from conformance.supervisor import Claim

WHY = "Shells with job control and some servers give each child a group; the group of the daemon is only a part of it."
BITTEN = ("canonical/pebble#594", "davmac314/dinit#435")
NEEDS = (Claim.RESTART, Claim.DESCENDANTS)

SERVER = """
import os, socket, signal
try:
    server = socket.create_server(("127.0.0.1", {port}))
except OSError:
    os.system("echo web in-use >>{events}")
    os._exit(1)
child = os.fork()
if child:
    os.setpgid(child, child)
    os.system("echo web listening >>{events}")
signal.pause()
"""


def check(test):
    job = test.job(policy=Policy.RESTART)
    program = job.directory / "server.py"
    program.write_text(SERVER.format(port=free_port(), events=job.events))
    job.daemon("web", f"exec python3 {program}")
    with test.start(job) as container:
        container.await_event("web listening")
        container.kill("web")
        container.await_event("web listening", 2)
