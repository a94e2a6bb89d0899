package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What keeps a daemon or its probes from starting on this machine, by the checks that a start makes. */
public final class StartCheck {

    /**
     * @param key of the daemon, as in {@code readiness.exec}
     * @param cause as its start would give it
     * @param code that its start would fail with; only a probe's program has none
     */
    public record Obstacle(String key, String cause, Optional<Integer> code) {}

    private interface Check {
        void run() throws CannotStartException;
    }

    private final List<Obstacle> obstacles = new ArrayList<>();

    private StartCheck() {}

    /** In the order in which a start checks; empty when it is likely to succeed. */
    public static List<Obstacle> of(Daemon daemon, Environment ours) {
        StartCheck check = new StartCheck();
        Environment environment = SpawnSpec.environment(daemon, ours);
        check.start("working_dir", () -> SpawnSpec.checkDirectory(daemon));
        check.start("user", () -> SpawnSpec.checkUser(daemon));
        check.start("command", () -> SpawnSpec.findProgram(daemon, daemon.command(), environment));
        check.probe("readiness", daemon, daemon.readiness(), environment);
        check.probe("liveness", daemon, daemon.liveness(), environment);
        return List.copyOf(check.obstacles);
    }

    private void start(String key, Check check) {
        failure(check).ifPresent(cannot -> obstacles.add(obstacle(key, cannot, Optional.of(cannot.code()))));
    }

    private void probe(String key, Daemon daemon, Optional<Probe> probe, Environment environment) {
        if (probe.isPresent() && probe.get().target() instanceof Probe.Target.Exec(List<String> command)) {
            failure(() -> SpawnSpec.findProgram(daemon, command, environment))
                    .ifPresent(cannot -> obstacles.add(obstacle(key + ".exec", cannot, Optional.empty())));
        }
    }

    private static Obstacle obstacle(String key, CannotStartException cannot, Optional<Integer> code) {
        return new Obstacle(key, cannot.subject() + ": " + cannot.error(), code);
    }

    private static Optional<CannotStartException> failure(Check check) {
        try {
            check.run();
            return Optional.empty();
        } catch (CannotStartException cannot) {
            return Optional.of(cannot);
        }
    }
}
