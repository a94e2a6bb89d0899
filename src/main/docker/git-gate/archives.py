"""The forms in which a secret may lie in a file: as it is, in other encodings, inside archives."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from findings import ScanError

MAX_UNPACKED = 100 << 20  # from all archives of a push
MAX_ARCHIVE_DEPTH = 4  # a zip in a tar.gz is 3 deep


class Unpacker:
    """The forms of a text to scan: as it is, as UTF-16 or UTF-32 (approximately), and the members of archives."""

    def __init__(self):
        self.left = MAX_UNPACKED

    def variants(self, data, depth=0):
        yield depth > 0, data
        if b"\0" in data:
            yield depth > 0, data.replace(b"\0", b"")
        if depth < MAX_ARCHIVE_DEPTH:
            for member in self.members(data):
                yield from self.variants(member, depth + 1)

    def members(self, data):
        try:
            for file in open_members(io.BytesIO(data), data[:6], data[257:262]):
                member = file.read(self.left + 1)
                self.left -= len(member)
                if self.left < 0:
                    raise ScanError(f"its archives contain more than {MAX_UNPACKED >> 20} MiB")
                yield member
        except ScanError:
            raise
        except Exception:  # a broken or encrypted archive, which has been scanned as it is
            return


def open_members(file, magic, tar_magic):
    if magic.startswith(b"\x1f\x8b"):
        yield gzip.GzipFile(fileobj=file)
    elif magic.startswith(b"BZh"):
        yield bz2.BZ2File(file)
    elif magic == b"\xfd7zXZ\0":
        yield lzma.LZMAFile(file)
    elif tar_magic == b"ustar":
        with tarfile.open(fileobj=file, mode="r:") as tar:
            yield from (tar.extractfile(member) for member in tar if member.isreg())
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            yield from (archive.open(member) for member in archive.infolist())
