package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** A {@code readiness} or {@code liveness}. */
final class ProbeReader {

    private static final TimeSpan PERIOD = TimeSpan.parse("10s").orElseThrow();
    private static final TimeSpan TIMEOUT = TimeSpan.parse("1s").orElseThrow();

    /** Traffic to a daemon that isn't ready fails: say so at once. */
    private static final int READINESS_FAILURES = 1;

    /** A liveness probe kills: be sure. */
    private static final int LIVENESS_FAILURES = 3;

    private static final List<String> WAYS = List.of("tcp", "http", "exec");

    private static final List<String> KEYS =
            List.of("tcp", "http", "exec", "proxy", "period", "timeout", "failure_threshold");

    private ProbeReader() {}

    static Optional<Probe> readiness(Value probe) {
        return read(probe, READINESS_FAILURES);
    }

    static Optional<Probe> liveness(Value probe) {
        return read(probe, LIVENESS_FAILURES);
    }

    /** Empty when there is nothing usable to ask; that has been reported. */
    private static Optional<Probe> read(Value probe, int defaultFailures) {
        return MapReader.of(probe, "a map", KEYS).flatMap(fields -> {
            Optional<Probe.Target> target = target(probe, fields);
            TimeSpan period =
                    fields.get("period", ValueType.DURATION_ABOVE_ZERO).orElse(PERIOD);
            TimeSpan timeout =
                    fields.get("timeout", ValueType.DURATION_ABOVE_ZERO).orElse(TIMEOUT);
            int failures = fields.get("failure_threshold")
                    .flatMap(threshold -> threshold.wholeNumber(1, Value.HIGHEST_NUMBER))
                    .orElse(defaultFailures);
            return target.map(asked -> new Probe(asked, period, timeout, failures));
        });
    }

    private static Optional<Probe.Target> target(Value probe, MapReader fields) {
        List<String> ways = WAYS.stream().filter(fields::has).toList();
        if (ways.size() != 1) {
            String problem = ways.isEmpty() ? "nothing to probe" : String.join(" and ", ways) + " together";
            probe.error(problem, "exactly one of " + String.join(", ", WAYS));
        }
        Optional<Probe.Target> tcp = fields.get("tcp").flatMap(NetworkTarget::readAddress);
        Optional<URI> url = fields.get("http").flatMap(value -> NetworkTarget.readUrl(value, "http", "https"));
        Optional<Probe.Target> exec =
                fields.get("exec").flatMap(CommandReader::read).map(Probe.Target.Exec::new);
        Optional<URI> proxy = fields.get("proxy").flatMap(value -> NetworkTarget.readUrl(value, "http"));
        if (!fields.has("http")) {
            fields.get("proxy").ifPresent(value -> value.error("a proxy without http", "it beside http only"));
        }
        return tcp.or(() -> url.map(asked -> new Probe.Target.Http(asked, proxy)))
                .or(() -> exec);
    }
}
