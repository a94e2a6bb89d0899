"""
supervise: the agent asks for approval here (MCP, port 9101), its operator answers (port 9100, loopback only).

    python3 /app/supervise_server.py

Its libraries are looked for in supervise-libs beside this file, when there is one, else in the usual places.

    SUPERVISE_MCP_PORT       9101                            the agent's side
    SUPERVISE_OPERATOR_PORT  9100                            the operator's side, and POST /events
    SIDECAR_STATUS_URL       http://127.0.0.1:9180/status    where the supervisor tells how the guards are

Everything is kept in memory: after a restart no request waits any more, and the agent that waited has got an error.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
LIBRARIES = Path(__file__).resolve().parent / "supervise-libs"
if LIBRARIES.is_dir():
    sys.path.insert(0, str(LIBRARIES))

try:
    from supervise.daemon import CannotStart, main
except ImportError as missing:
    sys.exit(f"cannot start supervise: {missing}; install requirements.txt into {LIBRARIES}")

try:
    main()
except CannotStart as cause:
    sys.exit(f"cannot start supervise: {cause}")
