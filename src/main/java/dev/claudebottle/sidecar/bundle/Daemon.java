package dev.claudebottle.sidecar.bundle;

import java.util.Collections;
import java.util.LinkedHashMap;
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
 * @param restart its own rules, complete; empty: the bundle's
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
        Optional<RestartPolicy> restart,
        List<String> dependsOn,
        Optional<Probe> readiness,
        Optional<Probe> liveness) {

    public Daemon {
        command = List.copyOf(command);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        inheritEnvironment = inheritEnvironment.map(List::copyOf);
        dependsOn = List.copyOf(dependsOn);
    }

    /** A daemon with nothing but a command; everything else is the default. */
    public static Daemon of(String name, String... command) {
        return builder(name, command).build();
    }

    public static Builder builder(String name, String... command) {
        return new Builder(name).command(List.of(command));
    }

    public Builder toBuilder() {
        Builder builder = new Builder(name);
        builder.command = command;
        builder.environment = environment;
        builder.inheritEnvironment = inheritEnvironment;
        builder.workingDir = workingDir;
        builder.user = user;
        builder.stopSignal = stopSignal;
        builder.stopGracePeriod = stopGracePeriod;
        builder.failurePolicy = failurePolicy;
        builder.restart = restart;
        builder.dependsOn = dependsOn;
        builder.readiness = readiness;
        builder.liveness = liveness;
        return builder;
    }

    /** The name alone: the environment may hold secrets, and this ends up in messages. */
    @Override
    public String toString() {
        return name;
    }

    /** What is not set has its default; only the command has none. */
    public static final class Builder {

        private String name;
        private List<String> command = List.of();
        private Map<String, String> environment = Map.of();
        private Optional<List<String>> inheritEnvironment = Optional.empty();
        private Optional<String> workingDir = Optional.empty();
        private Optional<String> user = Optional.empty();
        private Signal stopSignal = Signal.TERM;
        private Optional<TimeSpan> stopGracePeriod = Optional.empty();
        private Optional<FailurePolicy> failurePolicy = Optional.empty();
        private Optional<RestartPolicy> restart = Optional.empty();
        private List<String> dependsOn = List.of();
        private Optional<Probe> readiness = Optional.empty();
        private Optional<Probe> liveness = Optional.empty();

        private Builder(String name) {
            this.name = name;
        }

        public Builder name(String name) {
            this.name = name;
            return this;
        }

        public Builder command(List<String> command) {
            this.command = command;
            return this;
        }

        public Builder environment(Map<String, String> environment) {
            this.environment = environment;
            return this;
        }

        public Builder inheritEnvironment(List<String> names) {
            inheritEnvironment = Optional.of(names);
            return this;
        }

        public Builder workingDir(String directory) {
            workingDir = Optional.of(directory);
            return this;
        }

        public Builder user(String user) {
            this.user = Optional.of(user);
            return this;
        }

        public Builder stopSignal(Signal signal) {
            stopSignal = signal;
            return this;
        }

        public Builder stopGracePeriod(TimeSpan grace) {
            stopGracePeriod = Optional.of(grace);
            return this;
        }

        public Builder failurePolicy(FailurePolicy policy) {
            failurePolicy = Optional.of(policy);
            return this;
        }

        public Builder restart(RestartPolicy rules) {
            restart = Optional.of(rules);
            return this;
        }

        public Builder dependsOn(List<String> daemons) {
            dependsOn = daemons;
            return this;
        }

        public Builder readiness(Probe probe) {
            readiness = Optional.of(probe);
            return this;
        }

        public Builder liveness(Probe probe) {
            liveness = Optional.of(probe);
            return this;
        }

        public Daemon build() {
            return new Daemon(
                    name,
                    command,
                    environment,
                    inheritEnvironment,
                    workingDir,
                    user,
                    stopSignal,
                    stopGracePeriod,
                    failurePolicy,
                    restart,
                    dependsOn,
                    readiness,
                    liveness);
        }
    }
}
