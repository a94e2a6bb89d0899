"""Requests with credentials: what of the agent's request leaves."""

import authentication

# Compressed, or in pieces of the agent's choice, a value in the answer could not be found.
FORM_OF_ANSWERS = {"accept-encoding", "if-range", "range"}


def rewrite(request, of_host, values):
    """Puts the values in, and removes every other way to authenticate. of_host: all credentials of the host. values: of
    those among them that are for this request."""
    headers, parameters = authentication.names_of(request.host)
    headers |= FORM_OF_ANSWERS | {"connection"}
    for credential in of_host:
        headers |= {authentication.normal_header(name) for name in (credential.header, *credential.remove_headers)}
        parameters |= {authentication.normal_parameter(name) for name in credential.remove_query}
        if credential.methods or credential.paths:
            headers |= authentication.OVERRIDES
    closes = "close" in request.headers.get("Connection", "").lower()
    fields = authentication.without_headers(request.headers.fields, headers)
    fields.append((b"Accept-Encoding", b"identity"))
    if closes:  # Connection could also name our header, and proxies on the way would drop it
        fields.append((b"Connection", b"close"))
    for credential, value in values.items():
        fields.append((credential.header.encode("ascii"), credential.format.replace("{}", value).encode("ascii")))
    request.headers = type(request.headers)(fields)
    request.data.path = authentication.without_parameters(request.data.path, parameters)
