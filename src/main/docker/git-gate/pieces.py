"""Cuts texts into pieces for gitleaks, and leaves out what it has read before.

The files of a history are mostly versions of each other. A text is cut into chunks of whole lines; which lines end one
depends on their content, so equal parts of two texts have equal chunks. A match that starts in a chunk ends within its
window. So what gitleaks finds there depends on chunk and window alone, and it reads them once. See decision 0022.
"""

import os
import re
from bisect import bisect_left
from hashlib import blake2b

WINDOW = 2_000  # after a chunk: more than a match over several lines is long, except that of a key
LONG_WINDOW = 16_000  # after a chunk with BEGIN: longer than any private key
BEGIN = re.compile(rb"-----begin", re.IGNORECASE)
MIN_CHUNK, MAX_CHUNK = 400, 4_000  # a line may be longer
PIECE = 16_000  # several of these are faster than a large one, because gitleaks tries fewer rules on each
LONG_PIECE = 4 * PIECE  # with a chunk that has a long window
BLOCK = 1 << 20  # of which the lines are in memory
MAX_SEEN = 500_000  # about 50 MB


class Pieces:
    def __init__(self):
        self.secret = os.urandom(16)  # so that nobody can make two chunks with the same key
        self.seen = set()

    def new(self, data):
        """What was not read before: pieces, and the (key, line) of the chunks in each, whose first line is 0."""
        chunks = []
        first = start = end = 0
        for key, line, at, until in self.chunks(data):
            if key in self.seen:
                continue
            if len(self.seen) == MAX_SEEN:
                self.seen.clear()
            self.seen.add(key)
            limit = PIECE if until - at < LONG_WINDOW else LONG_PIECE
            if not chunks or at > end or max(end, until) - start > limit:
                if chunks:
                    yield data[start:end], chunks
                chunks, first, start, end = [], line, at, until
            chunks.append((key, line - first))
            end = max(end, until)
        if chunks:
            yield data[start:end], chunks

    def chunks(self, data):
        """All chunks: key, line, start, end of the window."""
        found = list(chunk_ends(data))
        ends = [end for end, _ in found]
        hashes = [self.hash(data[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        line = at = 0
        for index, (end, lines) in enumerate(found):
            window = WINDOW
            if data.find(b"-----", at, end) >= 0 and BEGIN.search(data, at, end):
                window = LONG_WINDOW
            last = min(bisect_left(ends, end + window, index), len(ends) - 1)
            until = min(ends[last], end + window + WINDOW)  # a line may be longer
            yield self.hash(b"".join(hashes[index : last + 1])), line, at, until
            line += lines
            at = end

    def hash(self, data):
        return blake2b(data, digest_size=8, key=self.secret).digest()


def chunk_ends(data):
    """The end of each chunk, and how many lines it has."""
    at = start = lines = 0
    while at < len(data):
        block = data[at : data.find(b"\n", at + BLOCK) + 1 or len(data)]
        for line in bytes(block).removesuffix(b"\n").split(b"\n"):
            at = min(at + len(line) + 1, len(data))
            lines += 1
            size = at - start
            if (size >= MIN_CHUNK and not hash(line) & 15) or size >= MAX_CHUNK:
                yield at, lines
                start, lines = at, 0
    if at > start:
        yield at, lines
