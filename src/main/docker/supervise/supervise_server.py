"""
supervise: the agent requests approval (MCP, port 9101), its operator answers (port 9100, loopback only).

    python3 /app/supervise_server.py

It takes its libraries from supervise-libs beside this file if that exists, else from the usual places.

    SUPERVISE_MCP_PORT       9101                            the agent's side
    SUPERVISE_OPERATOR_PORT  9100                            the operator's side, and POST /events
    SUPERVISE_HOME           /var/lib/supervise              keeps the requests across a restart
    SIDECAR_STATUS_URL       http://127.0.0.1:9180/status    the supervisor's status; by default what QUARKUS_HTTP_* say

docs/bundle.md lists the settings: CLAUDE_BOTTLE_APPROVAL_*.
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
