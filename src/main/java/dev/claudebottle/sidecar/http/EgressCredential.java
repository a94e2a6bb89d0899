package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host to whose requests {@code egress} adds a credential.
 *
 * @param host with its port, if that is not 443
 * @param available whether there is a value
 * @param unauthorized answers 401 of the host
 * @param forbidden answers 403 of the host
 */
record EgressCredential(String host, boolean available, long unauthorized, long forbidden) {

    /** egress is a proxy, so the target is a whole URL, of a host that egress itself answers for. */
    private static final DaemonQuery QUERY = new DaemonQuery(
            "egress", "EGRESS_PORT", 9099, "http://egress.health/credentials", "egress.health", 1 << 16);

    private static final Pattern LINE =
            Pattern.compile("([A-Za-z0-9._-]{1,255}(?::\\d{1,5})?) ([01]) (\\d{1,15}) (\\d{1,15})");

    /** Asks egress while it is ready (decision 0029). Empty without credentials, and when it does not answer as it should. */
    static List<EgressCredential> of(BundleState state) {
        return QUERY.ask(state).map(EgressCredential::parse).orElse(List.of());
    }

    /** All lines or none: a host twice would be a sample twice. */
    private static List<EgressCredential> parse(String body) {
        if (!body.endsWith("\n")) {
            return List.of();
        }
        List<EgressCredential> credentials = new ArrayList<>();
        Set<String> hosts = new HashSet<>();
        for (String text : body.substring(0, body.length() - 1).split("\n", -1)) {
            Matcher line = LINE.matcher(text);
            if (!line.matches() || !hosts.add(line.group(1))) {
                return List.of();
            }
            credentials.add(new EgressCredential(
                    line.group(1),
                    line.group(2).equals("1"),
                    Long.parseLong(line.group(3)),
                    Long.parseLong(line.group(4))));
        }
        return credentials;
    }
}
