package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Probe;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses in a bundle file. ConfigErrors never repeat them: a URL may carry a password. */
final class NetworkTarget {

    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([A-Za-z0-9._-]+)):([0-9]+)");

    private NetworkTarget() {}

    static Optional<Probe.Target> readAddress(Value value) {
        String expected = "\"HOST:PORT\" with a port from 1 to 65535";
        Optional<String> text = value.text(expected);
        Optional<Probe.Target> address = text.flatMap(NetworkTarget::address);
        if (text.isPresent() && address.isEmpty()) {
            value.error("not an address", expected);
        }
        return address;
    }

    static Optional<URI> readUrl(Value value, String... schemes) {
        String expected = "a URL with a host, as in " + schemes[0] + "://127.0.0.1:9100/";
        Optional<String> text = value.text(expected);
        Optional<URI> url = text.flatMap(written -> url(written, List.of(schemes)));
        if (text.isPresent() && url.isEmpty()) {
            value.error("not an " + String.join(" or ", schemes) + " URL", expected);
        }
        return url;
    }

    private static Optional<Probe.Target> address(String text) {
        Matcher form = HOST_AND_PORT.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        String host = form.group(1) == null ? form.group(2) : form.group(1);
        return HttpAddress.parsePort(form.group(3)).map(port -> new Probe.Target.Tcp(host, port));
    }

    private static Optional<URI> url(String text, List<String> schemes) {
        try {
            URI url = new URI(text);
            boolean port = url.getPort() == -1
                    || HttpAddress.parsePort(Integer.toString(url.getPort())).isPresent();
            boolean usable =
                    url.getScheme() != null && schemes.contains(url.getScheme()) && url.getHost() != null && port;
            return usable ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }
}
