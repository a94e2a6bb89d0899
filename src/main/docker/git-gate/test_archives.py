"""Tests what the scan reads of archives, whole and damaged: most of it on Unpacker, the refusals through a gate."""

import base64
import bz2
import gzip
import io
import lzma
import os
import random
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
import zlib
from unittest import mock

import archives
import streams
from archives import Unpacker
from gate import AWS_KEY, SharedGateTest

LINE = f"key={AWS_KEY}\n".encode()
SECRET = (
    b"some of the words in these lines\n" * 40 + LINE + b"are some of the words\n" * 40
)  # so that it gets compressed


def noise(size, seed=1):
    """Lines that a compressor can't shorten, so that damage at one place leaves the others whole."""
    return base64.encodebytes(random.Random(seed).randbytes(size))


def scanned(data):
    """Whether the secret is in a form of the file, and what was not read."""
    unpacker = Unpacker(data)
    found = [LINE.strip() in form for _, form in unpacker.forms()]
    return any(found), list(unpacker.unread)


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{number}.txt", member)
    return file.getvalue()


def encrypted():
    """A zip whose member says that it is encrypted."""
    data = bytearray(zipped(b"one"))
    data[6] |= 1
    return bytes(data)


def tarred(*members, form=tarfile.PAX_FORMAT):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for number, member in enumerate(members):
            info = tarfile.TarInfo(f"{number}.txt")
            info.size = len(member)
            archive.addfile(info, io.BytesIO(member))
    return file.getvalue()


COMPRESSORS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


class ReadTest(unittest.TestCase):
    def assert_found(self, data):
        self.assertNotIn(LINE.strip(), data, "the test needs a secret that only unpacking shows")
        self.assertEqual((True, []), scanned(data))

    def for_each_compressor(self, change):
        for name, compress in COMPRESSORS.items():
            with self.subTest(name):
                self.assert_found(change(compress))

    def test_a_stream_is_read(self):
        self.for_each_compressor(lambda compress: compress(SECRET))

    def test_bytes_after_a_stream_hide_nothing(self):
        self.for_each_compressor(lambda compress: compress(SECRET) + b"x")

    def test_bytes_before_a_stream_hide_nothing(self):
        self.for_each_compressor(lambda compress: b"#!/bin/sh\ntail -n +3 $0 | sh\n" + compress(SECRET))

    def test_a_stream_that_is_cut_short_is_read_up_to_there(self):
        self.for_each_compressor(lambda compress: compress(noise(900_000) + SECRET + noise(2_000_000, 2))[:-700_000])

    def test_a_stream_with_damage_in_it_is_read_up_to_there(self):
        def damaged(compress):
            data = bytearray(compress(noise(900_000) + SECRET + noise(2_000_000, 2)))
            data[-700_000:-699_900] = bytes(100)
            return bytes(data)

        self.for_each_compressor(damaged)

    def test_a_small_stream_with_a_wrong_checksum_is_read(self):
        for position in (-8, -5, -1):
            data = bytearray(gzip.compress(SECRET))
            data[position] ^= 1
            self.assert_found(bytes(data))

    def test_each_of_several_streams_is_read(self):
        self.for_each_compressor(lambda compress: compress(b"one") + compress(SECRET))
        self.for_each_compressor(lambda compress: compress(b"one") + b"\0" * 4 + compress(SECRET))

    def test_a_stream_after_a_damaged_one_is_read(self):
        self.for_each_compressor(lambda compress: compress(noise(9_000))[:-300] + compress(SECRET))

    def test_a_gzip_header_with_all_its_fields_is_understood(self):
        body = gzip.compress(SECRET)[10:]
        header = b"\x1f\x8b\x08\x1f" + bytes(6) + b"\x03\0abc" + b"name\0" + b"comment\0" + b"\1\2"
        self.assert_found(header + body)

    def test_lzma_and_zlib_are_read_at_the_start_of_a_file(self):
        self.assert_found(lzma.compress(SECRET, format=lzma.FORMAT_ALONE))
        self.assert_found(zlib.compress(SECRET))

    def test_every_method_of_zip_that_python_knows_is_read(self):
        for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            with self.subTest(method):
                self.assert_found(zipped(b"one", SECRET, method=method))

    def test_a_zip_is_read_whatever_its_directory_says(self):
        data = zipped(b"one", SECRET)
        directory = data.index(b"PK\1\2")
        for name, damaged in {
            "no directory": data[:directory],
            "an overwritten directory": data[:directory] + b"\xff" * (len(data) - directory),
            "prepended bytes": b"MZ" + b"\0" * 1000 + data,
            "appended bytes": data + b"x" * 70_000,
        }.items():
            with self.subTest(name):
                self.assert_found(damaged)

    def test_members_of_a_zip_after_a_broken_one_are_read(self):
        for at in (32, 60, 2000):
            data = bytearray(zipped(noise(9_000), SECRET))
            data[at : at + 20] = b"\xff" * 20
            with self.subTest(at):
                self.assert_found(bytes(data))

    def test_any_name_of_a_member_of_a_zip_is_read(self):
        for name in (b"0.tx\r", b"\xff\0\xffa\n"):
            self.assert_found(zipped(SECRET).replace(b"0.txt", name))

    def test_a_zip_that_was_written_to_a_pipe_is_read(self):
        file = io.BytesIO()
        pipe = mock.Mock(spec=["write", "flush"], write=file.write, flush=file.flush)
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", b"one")
            archive.writestr("b", SECRET)
        self.assert_found(file.getvalue())

    def test_containers_that_store_are_scanned_as_they_are_and_searched_for_streams(self):
        member = gzip.compress(SECRET)
        debian = b"!<arch>\n" + f"{'data.tar.gz':16}{0:<12}{0:<6}{0:<6}{644:<8}{len(member):<10}`\n".encode() + member
        cpio = b"070701" + b"0" * 104 + b"name\0\0" + member
        formats = (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT)
        tars = [tarred(b"one", member, form=form) for form in formats]
        damaged = bytearray(tarred(b"one", member, b"three"))
        damaged[1024:1536] = b"\xff" * 512  # the header of the second member
        old = bytearray(tarred(b"one", member, form=tarfile.USTAR_FORMAT)).replace(b"ustar\x0000", bytes(8))
        for data in (debian, cpio, *tars, damaged, old, tars[0][:-8_000], zipped(member, method=zipfile.ZIP_STORED)):
            self.assert_found(bytes(data))

    def test_archives_in_archives_are_read(self):
        self.assert_found(gzip.compress(tarred(zipped(lzma.compress(bz2.compress(SECRET))))))

    def test_an_archive_in_base64_is_read(self):
        for compress in (*COMPRESSORS.values(), zipped):
            data = compress(SECRET + noise(300))
            self.assert_found(b"data: " + base64.b64encode(data) + b"\n")
            indented = base64.encodebytes(data).replace(b"\n", b"\n    ")
            self.assert_found(b"blob: |\n    " + indented + b"\nnext: word\n")

    def test_a_bundle_of_git_is_read(self):
        with tempfile.TemporaryDirectory() as directory:

            def git(*args):
                names = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
                environment = {"PATH": os.environ["PATH"], "HOME": directory, **names}
                subprocess.run(["git", *args], cwd=directory, env=environment, check=True, capture_output=True)

            git("init", "-q")
            for text in (noise(5_000), noise(5_000) + SECRET):  # the second may be stored as a delta
                with open(f"{directory}/file", "wb") as file:
                    file.write(text)
                git("add", "file")
                git("commit", "-q", "-m", "m")
            git("bundle", "create", "-q", "b", "HEAD")
            with open(f"{directory}/b", "rb") as file:
                self.assert_found(file.read())

    def test_utf_16_in_an_archive_is_read(self):
        unpacker = Unpacker(gzip.compress(SECRET.decode().encode("utf-16")))
        self.assertTrue(any(LINE.strip() in form for _, form in unpacker.forms()))

    def test_zstd_is_read_by_a_python_that_can_and_refused_by_others(self):
        frame = b"\x28\xb5\x2f\xfd\x20" + bytes([len(LINE)]) + (len(LINE) << 3 | 1).to_bytes(3, "little") + LINE
        if streams.zstd:
            self.assert_found(streams.zstd.compress(noise(900_000) + SECRET + noise(2_000_000, 2))[:-700_000] + b"x")
        else:
            self.assertEqual(["zstd"], scanned(frame)[1])
            self.assertEqual([], scanned(b"program" + frame)[1])


class UnreadTest(unittest.TestCase):
    def assert_unread(self, reason, data):
        self.assertEqual([reason], scanned(data)[1])

    def test_an_encrypted_member_of_a_zip(self):
        data = bytearray(zipped(b"one", SECRET))
        data[data.rindex(b"PK\3\4") + 6] |= 1
        self.assert_unread("encrypted-zip", bytes(data))
        self.assert_unread("encrypted-zip", gzip.compress(data))

    def test_a_method_of_zip_that_has_no_reader(self):
        for method in (1, 6, 9, 98):
            data = bytearray(zipped(SECRET))
            data[8:10] = method.to_bytes(2, "little")
            self.assert_unread("zip-method", bytes(data))

    def test_formats_that_have_no_reader(self):
        body = bytes(range(100, 120))
        seven = b"7z\xbc\xaf\x27\x1c\0\4" + zlib.crc32(body).to_bytes(4, "little") + body
        header = b"\x0b\1\5\x07" + bytes(8)
        rar = b"Rar!\x1a\x07\1\0" + zlib.crc32(header).to_bytes(4, "little") + header
        old_rar = b"Rar!\x1a\x07\0" + b"\xcf\x90\x73\0\0\r\0" + bytes(6)
        for reason, data in (("7z", seven), ("rar", rar), ("rar", old_rar)):
            self.assert_unread(reason, data)
            self.assert_unread(reason, b"MZ" + bytes(500) + data)
            self.assert_unread(reason, tarred(data))
        for reason, start in (("lzip", b"LZIP\x01"), ("lz4", b"\x04\x22\x4d\x18"), ("compress", b"\x1f\x9d\x90")):
            self.assert_unread(reason, start + b"x" * 100)

    def test_a_stream_that_unpacks_to_too_much(self):
        with mock.patch.object(archives, "MAX_UNPACKED", 1 << 20):
            zeros = bytes(2 << 20)
            for compress in (*COMPRESSORS.values(), zipped):
                self.assert_unread("too-large", compress(zeros))
            self.assert_unread("too-large", zipped(zeros[: 600 << 10], zeros[: 600 << 10]))

    def test_nothing_is_unpacked_after_the_limit(self):
        data = zipped(*[gzip.compress(bytes(2 << 20))] * 9, method=zipfile.ZIP_STORED)
        with (
            mock.patch.object(archives, "MAX_UNPACKED", 1 << 20),
            mock.patch.object(archives, "decompress", wraps=archives.decompress) as decompress,
        ):
            self.assert_unread("too-large", zipped(data, *[data] * 9))
            self.assertEqual(2, decompress.call_count)

    def test_a_stream_that_needs_too_much_memory(self):
        filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}]
        self.assert_unread("too-much-memory", lzma.compress(SECRET, filters=filters))

    def test_archives_that_are_nested_too_deep(self):
        data = SECRET
        for _ in range(archives.MAX_DEPTH):
            data = gzip.compress(data)
        self.assertEqual((True, []), scanned(data))
        self.assert_unread("too-deep", gzip.compress(data))

    def test_too_many_streams(self):
        with mock.patch.object(archives, "MAX_STREAMS", 100):
            self.assertEqual([], scanned(gzip.compress(b"x") * 100)[1])
            self.assert_unread("too-many", gzip.compress(b"x") * 101)
            self.assert_unread("too-many", b"\x1f\x8b\x08\0" * 101)


class ExceptionTest(unittest.TestCase):
    """What is no archive, or a damaged one, is no reason to refuse a push."""

    def test_a_damaged_archive_without_a_secret(self):
        cut = gzip.compress(noise(9_000))[:-300]
        for data in (cut, b"PK\3\4", b"PK\3\4" + b"x" * 100, b"\x1f\x8b\x08\x04", zipped(b"one")[:40], b"PACK\0\0\0\2"):
            self.assertEqual((False, []), scanned(data))

    def test_a_program_that_knows_the_signatures_of_archives(self):
        constants = [
            b"7z\xbc\xaf\x27\x1c",
            b"Rar!\x1a\x07\0",
            b"Rar!\x1a\x07\1",
            b"PK\3\4",
            b"\x28\xb5\x2f\xfd",
            b"LZIP\x01",
        ]
        self.assertEqual((False, []), scanned(b"\x7fELF" + b"\0\0\0\0".join(constants) + b"\0\0"))

    def test_images_and_documents_with_compressed_parts(self):
        png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x10IDAT" + zlib.compress(noise(500))
        pdf = b"%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode>>stream\n" + zlib.compress(noise(500)) + b"\nendstream\n"
        for data in (png, pdf, random.Random(1).randbytes(1 << 20)):
            self.assertEqual((False, []), scanned(data))

    def test_an_archive_that_contains_itself(self):
        with mock.patch.object(archives, "decompress", lambda *_: (bytes(quine), len(quine))):
            quine = gzip.compress(b"its own content")
            self.assertEqual((False, []), scanned(quine))


class GateTest(SharedGateTest):
    def test_secrets_in_damaged_archives_are_refused(self):
        clone = self.sandbox.clone()
        broken = bytearray(zipped(noise(9_000), SECRET))
        broken[60:80] = b"\xff" * 20
        clone.commit({"a.gz": gzip.compress(SECRET) + b"x", "b.zip": bytes(broken)})
        push = clone.push("HEAD:refs/heads/damaged")
        self.assertIn("git-gate: push refused: 2 secrets found", push.stderr)
        for name in ("a.gz", "b.zip"):
            self.assertIn(f"aws-access-token in {name}, in the archive", push.stderr)

    def test_what_cannot_be_read_is_refused_with_its_reason_and_file(self):
        clone = self.sandbox.clone()
        commit = clone.commit({"x/a.zip": encrypted()})
        push = clone.push("HEAD:refs/heads/unread")
        self.assertIn("git-gate: push refused: 1 archive cannot be scanned", push.stderr)
        self.assertIn(f"unreadable-encrypted-zip in x/a.zip, in the archive, commit {commit[:7]}", push.stderr)
        self.assertNotIn("refs/heads/unread", self.sandbox.refs(self.sandbox.upstream))

    def test_what_cannot_be_read_is_refused_whatever_its_file_has_upstream(self):
        unreadable = encrypted()
        self.clone.commit({"a.zip": unreadable})
        oid = self.clone.git("rev-parse", "HEAD:a.zip").stdout.strip()
        self.clone.git("reset", "-q", "--hard", "HEAD~")
        self.clone.commit({"a.zip": f"blob {oid}\n"})
        self.clone.push(f"HEAD:{self.branch}", check=True)
        self.clone.commit({"a.zip": unreadable})
        self.assertIn("unreadable-encrypted-zip in a.zip", self.clone.push(f"HEAD:{self.branch}").stderr)


if __name__ == "__main__":
    unittest.main()
