"""Decompresses a stream as far as it can be read, in bounded memory."""

import bz2
import lzma
import zlib

try:
    from compression import zstd  # since Python 3.14
except ImportError:
    zstd = None

MAX_MEMORY = 128 << 20  # of a decoder: xz -9 needs half of it
FIRST_STEP, STEP, OUTPUT = 1 << 12, 1 << 16, 1 << 20
ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, *((zstd.ZstdError,) if zstd else ()))


class TooMuch(Exception):
    """The stream holds more than the limit."""


class Memory(Exception):
    """A decoder would need too much memory."""


class Deflate:
    """zlib's decoder with the interface of the others."""

    def __init__(self, bits):
        self.decoder = zlib.decompressobj(bits)
        self.needs_input = True

    def decompress(self, data, max_length):
        out = self.decoder.decompress(self.decoder.unconsumed_tail + data, max_length)
        self.needs_input = not self.decoder.unconsumed_tail and len(out) < max_length
        return out

    @property
    def eof(self):
        return self.decoder.eof

    @property
    def unused_data(self):
        return self.decoder.unused_data


def raw_deflate():
    return Deflate(-zlib.MAX_WBITS)


def deflate():
    return Deflate(zlib.MAX_WBITS)


def alone(properties=None):
    """The older format of lzma. A zip has its properties elsewhere, and not the size that its header would need."""
    decoder = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MAX_MEMORY)
    if properties:
        decoder.decompress(properties + b"\xff" * 8)
    return decoder


def xz():
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)


def reader_of(signature):
    """The decoder of a stream with this signature, or None."""
    readers = {b"B": bz2.BZ2Decompressor, b"\xfd": xz, b"\x28": zstd and zstd.ZstdDecompressor}
    return readers[bytes(signature[:1])]


def decompress(make, data, start, limit, careful=None, small=STEP):
    """What the stream that starts there holds, and where it ends. None as its end means: damaged or cut short.

    A decoder that comes upon damage loses what it has read in that step. So another one takes that step in smaller
    ones, from `careful` on, and in the end byte by byte.
    """
    if careful is None:
        careful = len(data)
    out = bytearray()
    at, step = start, FIRST_STEP
    try:
        decoder = make()
        while at < len(data):
            piece = data[at : min(at + step, careful) if at < careful else at + small]
            step = min(2 * step, STEP)
            fed = piece
            while True:
                out += decoder.decompress(fed, min(OUTPUT, limit - len(out) + 1))
                if len(out) > limit:
                    raise TooMuch
                if decoder.eof:
                    return out, at + len(piece) - len(decoder.unused_data)
                if decoder.needs_input:
                    break
                fed = b""
            at += len(piece)
    except ERRORS as error:
        if "memory" in str(error).lower():
            raise Memory from error
        if small > 1:
            return decompress(make, data, start, limit, at, small // 64 or 1)
    return out, None
