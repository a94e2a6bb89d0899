package dev.claudebottle.sidecar.bundle;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One program to supervise.
 *
 * @param name unique in its bundle
 * @param command the program and its arguments, taken as written; never empty
 * @param environment added to what it inherits
 * @param inheritEnvironment the names that it inherits; empty: everything
 * @param workingDir empty: ours
 * @param user {@code name} or {@code uid[:gid]}; empty: ours
 * @param stopSignal asks it to stop
 * @param stopGracePeriod its own, counted from its stop signal; empty: the bundle's
 * @param failurePolicy its own; empty: the bundle's
 * @param dependsOn names of daemons that must have been ready once before its first start
 * @param readiness empty: it is ready as soon as it is started
 * @param liveness empty: it lives as long as its process
 */
public record Daemon(
        String name,
        List<String> command,
        Map<String, String> environment,
        Optional<List<String>> inheritEnvironment,
        Optional<String> workingDir,
        Optional<String> user,
        Signal stopSignal,
        Optional<TimeSpan> stopGracePeriod,
        Optional<FailurePolicy> failurePolicy,
        List<String> dependsOn,
        Optional<Probe> readiness,
        Optional<Probe> liveness) {

    public Daemon {
        command = List.copyOf(command);
        inheritEnvironment = inheritEnvironment.map(List::copyOf);
        dependsOn = List.copyOf(dependsOn);
    }

    /** A daemon with nothing but a command; everything else is the default. */
    public static Daemon of(String name, String... command) {
        return new Daemon(
                name,
                List.of(command),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Signal.TERM,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    /** The name alone: the environment may hold secrets, and this ends up in messages. */
    @Override
    public String toString() {
        return name;
    }
}
