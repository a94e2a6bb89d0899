"""The ways to say in a request who one is, besides the one that egress uses: what a request with credentials must lack.

A host takes several ways, and which one counts is its own choice. So with a key of another account beside ours, an
agent could leave data in that account.
"""

import re
import typing
import urllib.parse

HEADERS = frozenset(
    "authorization cookie proxy-authorization x-authorization x-forwarded-authorization access-token api-key api-token"
    " apikey auth-token x-api-key x-api-token x-access-token x-auth-key"
    " x-auth-token x-session-token x-token x-amz-security-token x-goog-api-key"
    " x-goog-iam-authorization-token private-token job-token deploy-token circle-token dd-api-key dd-application-key"
    " ocp-apim-subscription-key x-figma-token x-functions-key x-master-key x-rapidapi-key x-shopify-access-token"
    " x-subscription-token x-vault-token".split()
)
# parameters that hardly mean anything else
PARAMETERS = frozenset(
    "accesskey accesstoken apikey apitoken authorization authtoken bearertoken oauthtoken privatetoken subscriptionkey"
    " xapikey xapitoken".split()
)
# by which a server takes another method or path than that of the request
OVERRIDES = frozenset("x-http-method x-http-method-override x-method-override x-original-url x-rewrite-url".split())


class Names(typing.NamedTuple):
    """Of headers and query parameters, as normal_header() and normal_parameter() write them."""

    headers: frozenset = frozenset()
    parameters: frozenset = frozenset()

    @classmethod
    def of(cls, headers="", parameters=""):
        return cls(frozenset(headers.split()), frozenset(parameters.split()))


_GOOGLE = Names.of(
    "x-goog-user-project",
    # $httpHeaders brings headers along, $httpMethod another method; X-Goog-… signs a URL
    "key token $httpheaders $httpmethod xgoogalgorithm xgoogcredential xgoogsignature xgoogsignedheaders",
)
_AZURE = Names.of("x-ms-authorization-auxiliary", "key sig skoid sktid")  # sig signs a URL
_AWS = Names.of(
    "x-amz-signature x-amz-credential",
    "awsaccesskeyid signature xamzalgorithm xamzcredential xamzsecuritytoken xamzsignature xamzsignedheaders",
)
# More of some hosts, or of all hosts below a domain. A model's host that is not here takes what HEADERS has.
WELL_KNOWN = {
    "amazonaws.com": _AWS,
    "api.anthropic.com": Names.of("anthropic-api-key"),
    "api.elevenlabs.io": Names.of("xi-api-key"),
    "api.github.com": Names.of("", "clientid clientsecret"),
    "api.openai.com": Names.of("openai-api-key"),
    "azure-api.net": _AZURE,
    "azure.com": _AZURE,
    "gitlab.com": Names.of("x-gitlab-static-object-token", "feedtoken incomingemailtoken jobtoken rsstoken"),
    "googleapis.com": _GOOGLE,
    "slack.com": Names.of("", "token"),
    "windows.net": _AZURE,
}


def names_of(host):
    """By which a request may authenticate at this host."""
    labels = host.split(".")
    domains = (".".join(labels[i:]) for i in range(len(labels)))
    known = next((WELL_KNOWN[domain] for domain in domains if domain in WELL_KNOWN), Names())
    return Names(HEADERS | known.headers, PARAMETERS | known.parameters)


def normal_header(name):
    """The name by which servers know a header: to many of them, x_api_key is x-api-key, and to some x.api.key, too."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def normal_parameter(name):
    """The name by which servers know a query parameter, in small letters, without what separates words."""
    decoded = urllib.parse.unquote(name.decode("latin-1") if isinstance(name, bytes) else name)
    first = re.split(r"[\[\]]", decoded.lower().lstrip("[]"))[0]  # to some servers, [a][b] is a[b]
    return re.sub(r"[^a-z0-9$]", "", first)


def without_parameters(path, names):
    """The target of a request, in bytes, without the parameters of these names."""
    before, _, query = path.partition(b"?")
    parts = re.split(rb"([&;])", query)  # some servers also separate by semicolons
    pairs = list(zip([b"", *parts[1::2]], parts[::2], strict=True))
    kept = [(separator, part) for separator, part in pairs if normal_parameter(part.partition(b"=")[0]) not in names]
    if kept == pairs:
        return path
    left = b"".join(separator + part for separator, part in kept)[len(kept[0][0]) if kept else 0 :]
    return before + b"?" + left if left else before


def without_headers(fields, names):
    """The header fields, pairs of bytes, without those of these names."""
    return [(name, value) for name, value in fields if normal_header(name.decode("latin-1")) not in names]
