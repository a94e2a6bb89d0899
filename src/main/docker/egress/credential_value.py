"""The value of a credential, from a file or a variable, as it is now."""

import os
import pathlib
import re
import stat

import log_lines
import redaction
from live_file import LiveFile

LONGEST = 8192  # bytes; servers refuse longer headers


class InvalidValue(Exception):
    """The message says why, without the value."""


class Value:
    """What a credential gets its value from."""

    def __init__(self, credential, environ):
        self._credential = credential
        self._environ = environ
        self._file = LiveFile(credential.value_file, self._read, InvalidValue)

    def look(self):
        """Returns whether the value, or the reason why there is none, is another one than at the last look."""
        return self._file.look()

    @property
    def mistake(self):
        """Why there is no value; None if there is one."""
        return self._file.mistake

    @property
    def text(self):
        return self._file.content

    def others_may_read(self):
        """Whether other guards can read the file, by its mode and those of the directories above."""
        if not self._credential.value_file:
            return False
        path = pathlib.Path(os.path.realpath(self._credential.value_file))
        try:
            return bool(path.stat().st_mode & stat.S_IROTH) and all(
                above.stat().st_mode & stat.S_IXOTH for above in path.parents
            )
        except OSError:
            return False

    def _read(self):
        value = self._raw().strip()
        if not value:
            raise InvalidValue(f"{self._credential.source} is empty")
        if not re.fullmatch(rb"[ -~]+", value):
            raise InvalidValue(f"{self._credential.source} must have one line, of printable ASCII characters")
        if not redaction.SHORTEST <= len(value) <= LONGEST:
            raise InvalidValue(
                f"{self._credential.source} has {len(value)} characters; "
                f"expected {redaction.SHORTEST} to {LONGEST}, so that it can be redacted in answers"
            )
        text = value.decode("ascii")
        log_lines.hide(text)
        return text

    def _raw(self):
        if self._credential.value_env:
            if self._credential.value_env not in self._environ:
                raise InvalidValue(
                    f"the variable {self._credential.value_env} is not set; "
                    "the container must have it, and the bundle file hand it on to egress"
                )
            return os.fsencode(self._environ[self._credential.value_env])
        try:
            with open(self._credential.value_file, "rb", opener=_without_waiting) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise InvalidValue(f"{self._credential.value_file} is no regular file")
                return file.read(2 * LONGEST)
        except OSError as error:
            who = f" for the user {os.geteuid()}" if isinstance(error, PermissionError) else ""
            raise InvalidValue(f"{self._credential.value_file}: {error.strerror}{who}") from None


def _without_waiting(path, flags):
    """A named pipe would stop all of egress until somebody writes."""
    return os.open(path, flags | os.O_NONBLOCK)
