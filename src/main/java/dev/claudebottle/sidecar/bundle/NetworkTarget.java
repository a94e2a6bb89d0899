package dev.claudebottle.sidecar.bundle;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses in a bundle file. Mistakes never repeat them: a URL may carry a password. */
final class NetworkTarget {

    private static final Pattern HOST_AND_PORT = Pattern.compile("(?:\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+):([0-9]+)");

    private NetworkTarget() {}

    static void checkAddress(Value value) {
        String expected = "\"HOST:PORT\" with a port from 1 to 65535";
        value.text(expected).filter(text -> !isAddress(text)).ifPresent(_ -> value.mistake("not an address", expected));
    }

    static void checkUrl(Value value, String... schemes) {
        String expected = "a URL with a host, as in " + schemes[0] + "://127.0.0.1:9100/";
        value.text(expected)
                .filter(text -> !isUrl(text, List.of(schemes)))
                .ifPresent(_ -> value.mistake("not an " + String.join(" or ", schemes) + " URL", expected));
    }

    private static boolean isAddress(String text) {
        Matcher form = HOST_AND_PORT.matcher(text);
        return form.matches() && HttpAddress.parsePort(form.group(1)).isPresent();
    }

    private static boolean isUrl(String text, List<String> schemes) {
        try {
            URI url = new URI(text);
            boolean port = url.getPort() == -1
                    || HttpAddress.parsePort(Integer.toString(url.getPort())).isPresent();
            return url.getScheme() != null && schemes.contains(url.getScheme()) && url.getHost() != null && port;
        } catch (URISyntaxException _) {
            return false;
        }
    }
}
