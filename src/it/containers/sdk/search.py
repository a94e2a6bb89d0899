"""Searches a container for secrets, byte by byte, in all that this user can read of its files and processes.

search.py ROOT, where ROOT/ is the container's root directory. stdin: a JSON object of names and texts. Prints a line
`NAME PLACE` for each place that has one: the path of a file, or /proc/PID/cmdline, environ or mem. This process is
left out.
"""

import json
import os
import stat
import sys

CHUNK = 1 << 20
OF_A_PROCESS = ("cmdline", "environ")


def chunks(file, length=None):
    """What can be read from here on, piece by piece; the pieces overlap."""
    overlap = max(map(len, secrets.values())) - 1
    end = b""
    while length is None or length > 0:
        data = file.read(CHUNK if length is None else min(CHUNK, length))
        if not data:
            return
        piece = end + data
        yield piece
        end = piece[-overlap:]
        if length is not None:
            length -= len(data)


def found_in(place, pieces):
    for piece in pieces:
        for name, secret in secrets.items():
            if secret in piece and (name, place) not in seen:
                seen.add((name, place))
                print(name, place.removeprefix(root))


def search_file(path):
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return
    with open(path, "rb") as file:
        found_in(path, chunks(file))


def search_memory(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in maps:
            addresses, rights, *_ = mapping.split()
            start, end = (int(address, 16) for address in addresses.split("-"))
            if "r" not in rights or "[v" in mapping:  # the kernel's own: [vvar] and [vsyscall]
                continue
            try:
                memory.seek(start)
                found_in(f"/proc/{pid}/mem", chunks(memory, end - start))
            except OSError:
                pass  # a device, or a file that has become shorter


def attempt(search, thing):
    try:
        search(thing)
    except OSError:
        pass  # not for this user, or gone


secrets = {name: text.encode() for name, text in json.load(sys.stdin).items()}
seen = set()
root = sys.argv[1]
for directory, directories, files in os.walk(root + "/"):
    if directory == root + "/":
        directories[:] = [name for name in directories if name not in ("proc", "sys")]
    for name in files:
        path = os.path.join(directory, name)
        attempt(search_file, path)
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) != os.getpid():
        for name in OF_A_PROCESS:
            attempt(search_file, f"/proc/{pid}/{name}")
        attempt(search_memory, pid)
print("searched")
