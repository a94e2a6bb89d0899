"""
post.py VARIABLE: POSTs stdin, a CloudEvent, to the URL in that variable.

It is a program of its own because a name lookup can't be stopped. What it says about a failure never contains the URL:
its user, password or path may be secret.
"""

import base64
import os
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import unquote, urlsplit

TIMEOUT = 9


def main() -> None:
    url = urlsplit(os.environ[sys.argv[1]])
    headers = {"Content-Type": "application/cloudevents+json", "User-Agent": "supervise"}
    if url.username is not None:
        user = f"{unquote(url.username)}:{unquote(url.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
    try:
        if url.scheme == "https":
            connection = HTTPSConnection(url.hostname, url.port, timeout=TIMEOUT, context=ssl.create_default_context())
        else:
            connection = HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", path, sys.stdin.buffer.read(), headers)
        status = connection.getresponse().status
    except OSError as error:
        sys.exit(str(error))
    except (HTTPException, ValueError) as error:
        sys.exit(type(error).__name__)
    if not 200 <= status < 300:
        sys.exit(f"HTTP {status}")


main()
