"""Removes what killed git processes left in the gate's repository, and keeps all that a repository consists of.

`leftovers.py REPOSITORY` is for the start of the gate, when no git process works in it.
"""

import contextlib
import shutil
import sys
from pathlib import Path

# Packs and objects in the middle of being written, and packs that `git gc` would never delete.
UNFINISHED = ("objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/pack/*.keep", "objects/??/tmp_obj_*")
# A ref's name can't end in .lock.
LOCKS = ("*.lock", "refs/**/*.lock", "objects/pack/*.lock", "objects/info/**/*.lock")


def remove(repository, patterns=(*UNFINISHED, *LOCKS)):
    """For the holder of the gate's lock: only it writes into the repository, apart from the quarantines of pushes."""
    repository = Path(repository)
    for pattern in patterns:
        for path in repository.glob(pattern):
            if path.name.startswith("git-gate."):  # our own locks
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()


if __name__ == "__main__":
    remove(sys.argv[1], (*UNFINISHED, *LOCKS, "objects/tmp_*"))
