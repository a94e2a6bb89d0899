"""The forms in which a secret may lie in a file: as it is, in other encodings, inside archives.

A compressed stream is found by its signature, wherever it stands in the file, and read as far as it can be read. So
damage hides only what it destroyed, and containers that store their members as they are (tar, ar, cpio) need no reader.
See decision 0022.
"""

import base64
import re
import struct
import zlib

from streams import Memory, TooMuch, alone, decompress, deflate, raw_deflate, reader_of

MAX_UNPACKED = 100 << 20  # from one file; a stream is held in memory
MAX_STREAMS = 100_000  # in one file
MAX_NAME = 1 << 16  # in the header of a gzip
MAX_DEPTH = 8  # of archives in archives; a zip in a tar.gz is 2 deep

STREAM = re.compile(
    rb"\x1f\x8b\x08[\x00-\x1f]|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x28\xb5\x2f\xfd"
    rb"|PK\x03\x04|PACK\x00\x00\x00[\x02\x03]|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07[\x00\x01]",
    re.DOTALL,
)
# gzip, zip, xz, bzip2 or zstd in base64, also over several lines
BASE64 = re.compile(rb"(?:H4sI|UEsDB|/Td6WFoA|QlpoO|KLUv/)[A-Za-z0-9+/\s]{60,}")
# Text contains none of these, and a search for each is faster than one for the patterns.
LITERALS = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\3\4", b"PACK\0", b"7z\xbc\xaf", b"Rar!\x1a")
BASE64_LITERALS = (b"H4sI", b"UEsDB", b"/Td6WFoA", b"QlpoO", b"KLUv/")
# Only at the start of a file are these short signatures beyond doubt.
NO_READER = {b"LZIP\x01": "lzip", b"\x04\x22\x4d\x18": "lz4", b"\x1f\x9d\x90": "compress"}
ZIP_METHODS = {*range(10), 10, 12, 14, 16, 18, 19, 20, *range(93, 100)}
ZIP_READ = {0, 12, 93, 95}  # stored, or with a signature of their own: the search goes on inside the member


class Unpacker:
    """The forms of a file to scan, and afterwards in `unread` what prevents that all of it was scanned."""

    def __init__(self, data):
        self.data = data
        self.left = MAX_UNPACKED
        self.streams = 0
        self.unread = {}  # a set that keeps the order

    def forms(self):
        """Pairs: whether it comes from an archive, content."""
        yield from self.forms_of(self.data, ())

    def forms_of(self, data, outer):
        yield bool(outer), data
        if b"\0" in data:
            yield bool(outer), data.replace(b"\0", b"")  # approximately UTF-16 and UTF-32
        for inner in self.contents(data):
            if not inner or inner == data or inner in outer:  # an archive that contains itself
                continue
            if len(outer) == MAX_DEPTH:
                self.unread["too-deep"] = True
                return
            yield from self.forms_of(inner, (*outer, data))

    def contents(self, data):
        """What is compressed or encoded in it, one level deep."""
        try:
            for wrapped in BASE64.finditer(data) if contains(data, BASE64_LITERALS) else ():
                text = b"".join(wrapped[0].split())
                yield self.counted(base64.b64decode(text[: len(text) // 4 * 4]))
            at = 0
            for signature, name in NO_READER.items():
                if data.startswith(signature):
                    self.unread[name] = True
            if data[:2] in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
                yield self.read(deflate, data, 0)[0]
            elif data.startswith(b"\x5d\0\0"):
                yield self.read(alone, data, 0)[0]
            while (at or contains(data, LITERALS)) and (found := STREAM.search(data, at)):
                self.streams += 1
                if self.streams > MAX_STREAMS:
                    self.unread["too-many"] = True
                    return
                at = yield from self.stream(data, found.start(), found[0])
        except TooMuch:
            self.unread["too-large"] = True
            self.left = -1  # nor is anything else of this file unpacked

    def stream(self, data, at, signature):
        """Yields what is in the stream that starts there. Returns where to go on."""
        after = at + len(signature)
        if signature == b"PK\3\4":
            return (yield from self.zip_member(data, at)) or after
        if signature.startswith(b"PACK"):
            return (yield from self.pack(data, after)) or after
        if signature.startswith((b"7z", b"Rar")):
            if is_archive(data, at, signature):
                self.unread[signature[:3].strip(b"\xbc!").decode().lower()] = True
            return after
        if signature.startswith(b"\x1f\x8b"):
            content, end = self.read(raw_deflate, data, gzip_data(data, at))
            yield content
            return end if checked(content, data, end) else after
        make = reader_of(signature)
        if not make:
            if at == 0:  # elsewhere it may be a constant in a program
                self.unread["zstd"] = True
            return after
        content, end = self.read(make, data, at)
        yield content
        return end or after

    def zip_member(self, data, at):
        """By its local header: those remain when the directory at the end is damaged."""
        if at + 30 > len(data):
            return None
        version, flags, method, _, _, checksum, _, _, name, extra = struct.unpack_from("<4x5H3I2H", data, at)
        start = at + 30 + name + extra
        name = data[at + 30 : at + 30 + name]
        if start > len(data):
            return None
        if flags & 1 or method not in ZIP_READ | {8, 14}:
            if version & 0xFF > 63 or method not in ZIP_METHODS or not name or min(name) < 32:
                return None  # a signature without a header
            self.unread["encrypted-zip" if flags & 1 else "zip-method"] = True
        elif method == 8:
            content, end = self.read(raw_deflate, data, start)
            yield content
            if checksum == zlib.crc32(content) or (flags & 8 and checked(content, data, end)):
                return end
        elif method == 14:  # after a version and the length of the properties
            yield self.read(lambda: alone(data[start + 4 : start + 9]), data, start + 9)[0]
        return start

    def pack(self, data, at):
        """A pack of git, as in a bundle. Of a delta it reads what it adds."""
        at += 4  # the count
        while at < len(data) - 20 and self.streams <= MAX_STREAMS:
            self.streams += 1
            kind = data[at] >> 4 & 7
            at = after_varint(data, at)
            at = after_varint(data, at) if kind == 6 else at + 20 if kind == 7 else at
            content, end = self.read(deflate, data, at)
            yield content
            if not end:
                break
            at = end
        return at

    def read(self, make, data, start):
        if self.left < 0:
            raise TooMuch
        try:
            content, end = decompress(make, data, start, self.left)
        except Memory:
            self.unread["too-much-memory"] = True
            return b"", None
        return self.counted(content), end

    def counted(self, content):
        self.left -= len(content)
        if self.left < 0:
            raise TooMuch
        return content


def contains(data, literals):
    return any(literal in data for literal in literals)


def checked(content, data, end):
    """Whether the checksum of the content follows. A damaged stream may run on into the next one."""
    after = end and data[end : end + 8].removeprefix(b"PK\7\x08")[:4]
    return bool(after) and int.from_bytes(after, "little") == zlib.crc32(content)


def gzip_data(data, at):
    """Where the compressed data starts, after a header with optional fields."""
    flags, at = data[at + 3], at + 10
    if flags & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (8, 16):  # name, comment
        if flags & flag:
            at = data.find(b"\0", at, at + MAX_NAME) + 1 or len(data)
    return at + (2 if flags & 2 else 0)


def is_archive(data, at, signature):
    """Not just the signature, which is also in programs that know the format."""
    if signature.startswith(b"7z"):
        return zlib.crc32(data[at + 12 : at + 32]) == int.from_bytes(data[at + 8 : at + 12], "little")
    if signature.endswith(b"\0"):
        return data[at + 9 : at + 10] == b"\x73"  # its first header, after a checksum
    end = after_varint(data, at + 12)
    size = data[at + 12] & 0x7F if at + 12 < len(data) else 0  # of the first header: always less than 128
    return size > 0 and zlib.crc32(data[at + 12 : end + size]) == int.from_bytes(data[at + 8 : at + 12], "little")


def after_varint(data, at):
    return next((end + 1 for end in range(at, min(at + 10, len(data))) if data[end] < 0x80), len(data))
