"""The content of a file that may change while egress runs, in the form that a function reads it."""

import os
import time

YOUNG = 1  # seconds; within the same tick of the clock, a second change need not show in the file's stamp


class LiveFile:
    """Looks at the file when it is asked, and reads it when it has changed. So nothing wakes up while nobody asks."""

    def __init__(self, path, read, invalid):
        """path: None if there is no file, so that read() is called once. read: returns the content, or raises an
        exception of the class `invalid`, whose text is the mistake."""
        self._path = path
        self._read = read
        self._invalid = invalid
        self._stamp = None
        self.settled = False  # nobody writes it any more
        self.content = None  # the last one without a mistake; None until there is one
        self.mistake = None  # in what the file holds now

    def look(self):
        """Returns whether the content or the mistake is another one than at the last look."""
        if self.settled and (self._path is None or _stamp(self._path)[0] == self._stamp):
            return False
        self._stamp, age = _stamp(self._path) if self._path else (None, YOUNG)
        self.settled = age >= YOUNG
        before = self.content, self.mistake
        try:
            self.content, self.mistake = self._read(), None
        except self._invalid as error:
            # in the first second an editor may be in the middle of it
            if self.settled or self.content is None:
                self.mistake = str(error)
        return (self.content, self.mistake) != before


def _stamp(path):
    """What shows that the path leads to another content, and how many seconds ago that came about."""
    try:
        stat = os.stat(path)
    except OSError as error:
        return error.errno, YOUNG
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns), time.time() - stat.st_ctime
