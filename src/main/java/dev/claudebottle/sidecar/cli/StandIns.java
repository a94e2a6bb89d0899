package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Shell scripts under the guards' names, of which one dies. */
final class StandIns {

    /** The one that dies. */
    static final String MORTAL = "egress";

    private static final List<String> NAMES = List.of(MORTAL, "pipelock", "git-gate", "supervise");
    private static final Duration LIFE = Duration.ofSeconds(6);

    /** A real probe asks the guard. This one takes as long as a guard's start does, so that a restart makes a gap to see. */
    private static final Probe READINESS = Probe.builder()
            .target(new Probe.Target.Exec(List.of("sleep", "1")))
            .period(TimeSpan.of("60s"))
            .timeout(TimeSpan.of("30s"))
            .build();

    private StandIns() {}

    /** A start of {@link #MORTAL} that comes later than some seconds from now lives on. */
    static List<Daemon> all() {
        String diesAt = Long.toString(Instant.now().plus(LIFE).getEpochSecond());
        return NAMES.stream()
                .map(name -> Daemon.builder(name, "/bin/sh", "-c", script(name))
                        .environment(Map.of("DIES_AT", diesAt))
                        .readiness(READINESS)
                        .build())
                .toList();
    }

    private static String script(String name) {
        try (InputStream script = StandIns.class.getResourceAsStream("/demo/" + name + ".sh")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read the script of " + name, unreadable);
        }
    }
}
