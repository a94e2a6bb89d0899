"""A dead daemon is started again, or the container ends and says why."""

from conformance.job import Policy
from conformance.suite import free_port

SERVER = """
import os, socket, signal
try:
    server = socket.create_server(("127.0.0.1", {port}))
except OSError:
    os.system("echo web in-use >>{events}")
    os._exit(1)
child = os.fork()
if child:
    {parent}
    os.system("echo web listening >>{events}")
signal.pause()
"""


def check_port_is_free(test, parent):
    """A dead daemon's child does not keep the port from the next start. `parent`: what the daemon did to the child."""
    job = test.job(policy=Policy.RESTART)
    program = job.directory / "server.py"
    program.write_text(SERVER.format(port=free_port(), events=job.events, parent=parent))
    job.daemon("web", f"exec python3 {program}")
    with test.start(job) as container:
        container.await_event("web listening")
        container.kill("web")
        container.await_event("web listening", 2)
