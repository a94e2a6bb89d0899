package dev.claudebottle.sidecar.bundle;

import java.util.List;

/** A {@code readiness} or {@code liveness}. */
final class ProbeReader {

    private static final List<String> WAYS = List.of("tcp", "http", "exec");

    private static final List<String> KEYS =
            List.of("tcp", "http", "exec", "proxy", "period", "timeout", "failure_threshold");

    private ProbeReader() {}

    static void check(Value probe) {
        Fields.of(probe, "a map", KEYS).ifPresent(fields -> {
            List<String> ways = WAYS.stream().filter(fields::has).toList();
            if (ways.size() != 1) {
                String problem = ways.isEmpty() ? "nothing to probe" : String.join(" and ", ways) + " together";
                probe.mistake(problem, "exactly one of " + String.join(", ", WAYS));
            }
            fields.get("tcp").ifPresent(NetworkTarget::checkAddress);
            fields.get("http").ifPresent(url -> NetworkTarget.checkUrl(url, "http", "https"));
            fields.get("exec").ifPresent(CommandReader::read);
            fields.get("proxy").ifPresent(proxy -> {
                NetworkTarget.checkUrl(proxy, "http");
                if (!fields.has("http")) {
                    proxy.mistake("a proxy without http", "it beside http only");
                }
            });
            fields.get("period", Kind.DURATION_ABOVE_ZERO);
            fields.get("timeout", Kind.DURATION_ABOVE_ZERO);
            fields.get("failure_threshold").ifPresent(threshold -> threshold.wholeNumberFrom(1));
        });
    }
}
