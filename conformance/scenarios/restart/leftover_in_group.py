"""What a dead daemon left in its process group does not keep the port from the next start."""

from conformance.job import Policy
from conformance.suite import free_port
from conformance.supervisor import Claim

WHY = "A server's worker outlives its parent and holds the socket; then no restart succeeds until someone kills it."
BITTEN = ("canonical/pebble#594",)
NEEDS = (Claim.RESTART, Claim.GROUPS)

SERVER = """
import os, socket, signal
try:
    server = socket.create_server(("127.0.0.1", {port}))
except OSError:
    os.system("echo web in-use >>{events}")
    os._exit(1)
if os.fork():
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
