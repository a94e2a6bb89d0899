"""What several adapters write into shell scripts."""

import shlex

from conformance.job import Daemon


def exports(daemon: Daemon) -> str:
    """Sets the variables of a daemon, one line each."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in daemon.environment.items())
