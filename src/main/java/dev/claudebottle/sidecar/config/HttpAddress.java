package dev.claudebottle.sidecar.config;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the web server listens: by default on loopback, because the agent must not reach it.
 *
 * @param host a name or an address; an IPv6 address has no brackets
 * @param port 1 to 65535
 */
public record HttpAddress(String host, int port) {

    /** Where it listens unless a variable says otherwise. */
    public static final HttpAddress DEFAULT = new HttpAddress("127.0.0.1", 9180);

    public static final int HIGHEST_PORT = 65_535;

    private static final String HOST = "QUARKUS_HTTP_HOST";
    private static final String PORT = "QUARKUS_HTTP_PORT";
    private static final Pattern HOST_FORM = Pattern.compile("[A-Za-z0-9._:%-]+");

    /** @throws InvalidBundleException when a variable is wrong */
    public static HttpAddress read(Map<String, String> environment) {
        ConfigErrors errors = new ConfigErrors();
        HttpAddress address = read(environment, errors);
        errors.throwIfAny();
        return address;
    }

    static HttpAddress read(Map<String, String> environment, ConfigErrors errors) {
        String host = environment.getOrDefault(HOST, "");
        if (!host.isEmpty() && !HOST_FORM.matcher(host).matches()) {
            errors.in(HOST, Printable.quoted(host) + " is not a host", "a host name or an address");
        }
        String port = environment.getOrDefault(PORT, "");
        Optional<Integer> number = parsePort(port);
        if (!port.isEmpty() && number.isEmpty()) {
            errors.in(PORT, Printable.quoted(port) + " is not a port", "a number from 1 to 65535");
        }
        return new HttpAddress(host.isEmpty() ? DEFAULT.host : host, number.orElse(DEFAULT.port));
    }

    static Optional<Integer> parsePort(String text) {
        if (!text.matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        return Optional.of(Integer.valueOf(text)).filter(port -> port >= 1 && port <= HIGHEST_PORT);
    }

    /** For a client on this machine, which reaches on loopback what listens on all addresses; without a path. */
    public String url() {
        String reached = host.equals("0.0.0.0") ? "127.0.0.1" : host.equals("::") ? "::1" : host;
        return "http://" + join(reached, port);
    }

    static String join(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** {@code 127.0.0.1:9180}, {@code [::1]:9180}. */
    @Override
    public String toString() {
        return join(host, port);
    }
}
