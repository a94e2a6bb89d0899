package dev.claudebottle.sidecar.config;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where health and metrics are served a second time, and nothing else: for kubelets and Prometheus. Nowhere by default. */
public final class HealthAddress {

    public static final String VARIABLE = "CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS";

    /** No name looks like this, whose last label is a number. */
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?[0-9]+\\.?");

    private HealthAddress() {}

    /** @param main where the web server listens, which can't be listened on twice */
    static Optional<HttpAddress> read(String text, HttpAddress main, ConfigErrors errors) {
        Optional<HttpAddress> address = parse(text);
        if (address.isEmpty()) {
            errors.in(
                    VARIABLE,
                    Printable.quoted(text) + " is not an address",
                    "HOST:PORT with a port from 1 to 65535, as in 0.0.0.0:9181 or [::]:9181");
        } else if (collide(address.get(), main)) {
            errors.in(
                    VARIABLE, Printable.quoted(text) + " takes the port of " + main + ", where /status is", "another");
        }
        return address;
    }

    private static Optional<HttpAddress> parse(String text) {
        Matcher form = AddressType.FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        String ipv6 = form.group(1);
        String host = ipv6 == null ? form.group(2) : ipv6;
        boolean isValid = ipv6 == null
                ? !NUMERIC.matcher(host).matches() || literal(host).isPresent()
                : ipv6.contains(":") && literal(withoutScope(ipv6)).isPresent();
        if (!isValid) {
            return Optional.empty();
        }
        return HttpAddress.parsePort(form.group(3)).map(port -> new HttpAddress(host, port));
    }

    /** Whether not both can be listened on, as far as that is known without a look-up of names. */
    public static boolean collide(HttpAddress one, HttpAddress other) {
        return one.port() == other.port()
                && (one.host().equalsIgnoreCase(other.host())
                        || isEverywhere(one)
                        || isEverywhere(other)
                        || literal(one.host())
                                .filter(address -> literal(other.host()).equals(Optional.of(address)))
                                .isPresent());
    }

    private static boolean isEverywhere(HttpAddress address) {
        return literal(address.host()).filter(InetAddress::isAnyLocalAddress).isPresent();
    }

    /** Which interfaces there are is not known to a reader of configuration. */
    private static String withoutScope(String host) {
        return host.split("%", 2)[0];
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }
}
