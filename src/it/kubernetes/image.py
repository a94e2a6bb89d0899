"""image.py NAME PROGRAM ARGUMENT...: writes an image that contains this static program and runs it.

It is an archive as those of `docker save`.
"""

import hashlib
import io
import json
import os
import platform
import sys
import tarfile

name, program, *arguments = sys.argv[1:]
path = os.path.basename(program)  # busybox tells from its name what to do


def add(archive: tarfile.TarFile, path: str, data: bytes) -> None:
    entry = tarfile.TarInfo(path)
    entry.size = len(data)
    entry.mode = 0o755
    archive.addfile(entry, io.BytesIO(data))


layer = io.BytesIO()
with tarfile.open(fileobj=layer, mode="w") as archive, open(program, "rb") as file:
    add(archive, path, file.read())
config = json.dumps(
    {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"Entrypoint": ["/" + path, *arguments]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()]},
    }
).encode()
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
    add(archive, "config.json", config)
    add(archive, "layer.tar", layer.getvalue())
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    add(archive, "manifest.json", json.dumps(manifest).encode())
