"""Makes pipelock's configuration: the operator's pipelock.yaml, with the allowed hosts, the unscanned ones, and the CA.

As a program it writes the configuration, or says on one line why it can't.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import allowed_hosts

PLACEHOLDER = 'api_allowlist: ["nothing.invalid"]'


class InvalidConfig(Exception):
    """The message says on one line what is wrong."""


class Config:
    """Where the configuration is, and what it is made of."""

    def __init__(self, environ):
        self._environ = environ
        self._given = environ.get("PIPELOCK_CONFIG") or "/etc/pipelock.yaml"
        self._pipelock = environ.get("PIPELOCK_BIN") or "/usr/local/bin/pipelock"
        self._home = pathlib.Path(environ.get("PIPELOCK_HOME") or "/var/lib/pipelock")
        self.path = self._home / "pipelock.yaml"
        self.new = self._home / "pipelock.yaml.new"

    def write(self):
        """Writes the configuration. Raises InvalidConfig."""
        if self.check():
            os.replace(self.new, self.path)

    def check(self):
        """Writes what the configuration should be into a file beside it, and lets pipelock check that. Returns the
        text, or None if the configuration is that already. Raises InvalidConfig."""
        try:
            hosts = allowed_hosts.read(self._environ)
            given = pathlib.Path(self._given).read_text(encoding="utf-8")
        except allowed_hosts.InvalidHosts as error:
            raise InvalidConfig(str(error)) from None
        except (OSError, UnicodeError) as error:
            raise InvalidConfig(f"{self._given} is not readable: {getattr(error, 'strerror', None) or error}") from None
        text = self._render(given, hosts)
        if text == self.current():
            return None
        try:
            self.new.write_text(text, encoding="utf-8")
            command = [self._pipelock, "check", "--config", self.new]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise InvalidConfig(f"{error.filename}: {error.strerror}") from None
        if done.returncode:
            output = (done.stdout + done.stderr).strip() or f"{self._pipelock} check failed with {done.returncode}"
            raise InvalidConfig(f"{self._given}: {output.splitlines()[-1]}")
        return text

    def current(self):
        """The configuration that pipelock has; empty if there is none."""
        return self.path.read_text(encoding="utf-8") if self.path.exists() else ""

    def _render(self, given, hosts):
        lines = [line for line in given.splitlines() if line != PLACEHOLDER]
        keys = [re.match(r"([a-z_]+) *:(?: +([^# ].*))?", line) for line in lines]
        starts = [number for number, key in enumerate(keys) if key]
        for number in starts:
            if keys[number][1] == "api_allowlist":
                raise InvalidConfig(
                    f"{self._given} has an api_allowlist; remove it, and write the hosts into {allowed_hosts.FILE} "
                    f"or {allowed_hosts.VARIABLE}"
                )
        tls = next((number for number in starts if keys[number][1] == "tls_interception"), None)
        if tls is None:
            tls = len(lines)
            lines.append("tls_interception:")
        elif keys[tls][2]:
            raise InvalidConfig(
                f"{self._given} has tls_interception on one line; write each key on its own line, indented by two"
                " spaces"
            )
        end = next((number for number in starts if number > tls), len(lines))
        block, own = [], []
        listing = False
        for line in lines[tls + 1 : end]:
            if re.match("  passthrough_domains *:", line):
                if not re.fullmatch(r"  passthrough_domains *: *(#.*)?", line):
                    raise InvalidConfig(
                        f"{self._given} has passthrough_domains on one line; write one domain per line, as in "
                        f"{allowed_hosts.FILE} beside the mark passthrough, or like `    - api.example.com`"
                    )
                listing = True
            elif listing and (item := re.fullmatch(r" +- +(\S+) *(#.*)?", line)):
                own.append(item[1].strip("\"'"))
            else:
                listing = listing and (not line.strip() or line.lstrip().startswith("#"))
                block.append(line)
        passed = dict.fromkeys([*own, *hosts.passthrough, *_prepared(hosts)])
        return "\n".join(
            [
                f"api_allowlist: {json.dumps(hosts.patterns)}",
                *lines[: tls + 1],
                "  enabled: true",
                f"  ca_cert: {json.dumps(str(self._home / 'ca.pem'))}",
                f"  ca_key: {json.dumps(str(self._home / 'ca-key.pem'))}",
                "  passthrough_domains:",
                *(f"    - {json.dumps(pattern)}" for pattern in passed),
                *block,
                *lines[end:],
                "",
            ]
        )


def _prepared(hosts):
    """The unscanned hosts of ready lists that are not in use, unless a scanned host is among them. pipelock takes no
    new ones while it runs, and they do nothing unless allowed: so a ready list can be added without a restart."""
    scanned = set(hosts.patterns) - set(hosts.passthrough)
    covered = {pattern for host in scanned for pattern in allowed_hosts.covering(host)}
    for name in allowed_hosts.ready_list_names():
        for entry in allowed_hosts.ready_list(name):
            if (
                "passthrough" in entry.marks
                and entry.pattern not in covered
                and scanned.isdisjoint(allowed_hosts.covering(entry.pattern))
            ):
                yield entry.pattern


def reloadable(old, new):
    """Whether a running pipelock takes the new configuration: hosts come and go, but nothing else may come."""
    lines = set(old.splitlines())
    return all(line in lines or line.startswith("api_allowlist:") for line in new.splitlines())


if __name__ == "__main__":
    try:
        Config(os.environ).write()
    except InvalidConfig as error:
        sys.exit(str(error))
