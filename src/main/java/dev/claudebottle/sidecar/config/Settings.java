package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a run does. A flag wins over a variable, a variable over the bundle file, the file over the built-in bundle.
 *
 * @param bundle with the selected daemons only
 * @param unknownDaemons names that were selected but are not in the bundle, in the order given, each once
 * @param http where to serve
 * @param health where to serve health and metrics alone; nowhere when empty
 * @param socket where restarts are asked for
 */
public record Settings(
        Bundle bundle, List<String> unknownDaemons, HttpAddress http, Optional<HttpAddress> health, SocketPath socket) {

    private static final String PREFIX = "CLAUDE_BOTTLE_SIDECAR_";

    public Settings {
        unknownDaemons = List.copyOf(unknownDaemons);
    }

    /**
     * Validates everything that is given, overridden values included.
     *
     * @throws InvalidBundleException with the errors of file, variables and flags together
     */
    public static Settings read(Flags flags, Map<String, String> environment) {
        Reading reading = new Reading(environment, new ConfigErrors());
        Bundle base = reading.bundle(flags.config());
        FailurePolicy policy = reading.value(
                        ScalarType.FAILURE_POLICY, "FAILURE_POLICY", Flags.FAILURE_POLICY, flags.failurePolicy())
                .orElse(base.failurePolicy());
        TimeSpan grace = reading.value(ScalarType.DURATION, "GRACE", Flags.GRACE, flags.grace())
                .orElse(base.stopGracePeriod());
        LogFormat format = reading.value(ScalarType.LOG_FORMAT, "LOG_FORMAT", Flags.LOG_FORMAT, flags.logFormat())
                .orElse(base.logs().format());
        HttpAddress http = HttpAddress.read(environment, reading.errors);
        Optional<HttpAddress> health = reading.health(http);
        SocketPath socket = SocketPath.read(environment, reading.errors);
        Identity identity = IdentityVariables.read(environment, reading.errors);
        Optional<URI> sink = Receivers.sink(environment, base.notifyUrls(), reading.errors);
        reading.errors.throwIfAny();

        Selection selection = Selection.of(
                base.daemons(),
                flags.daemons().or(() -> reading.variable("DAEMONS")).orElse(""));
        Bundle bundle = base.toBuilder()
                .failurePolicy(policy)
                .stopGracePeriod(grace)
                .logFormat(format)
                .notifyUrls(Receivers.of(base.notifyUrls(), selection.daemons, sink))
                .daemons(selection.daemons)
                .identity(identity)
                .build();
        return new Settings(bundle, selection.unknown, http, health, socket);
    }

    private record Selection(List<Daemon> daemons, List<String> unknown) {

        static Selection of(List<Daemon> all, String list) {
            if (list.isBlank()) {
                return new Selection(all, List.of());
            }
            Set<String> unknown = new LinkedHashSet<>();
            for (String name : list.split(",")) {
                unknown.add(name.strip());
            }
            // An empty item, as in "a,,b", is no name. A list of nothing else selects nothing.
            unknown.remove("");
            List<Daemon> selected =
                    all.stream().filter(daemon -> unknown.remove(daemon.name())).toList();
            return new Selection(selected, List.copyOf(unknown));
        }
    }

    private record Reading(Map<String, String> environment, ConfigErrors errors) {

        /** An empty variable counts as unset. */
        Optional<String> variable(String name) {
            return Optional.ofNullable(environment.get(PREFIX + name)).filter(text -> !text.isEmpty());
        }

        /** What reads it is loaded only if there is one. */
        Optional<HttpAddress> health(HttpAddress main) {
            String text = environment.getOrDefault(HealthAddress.VARIABLE, "");
            return text.isEmpty() ? Optional.empty() : HealthAddress.read(text, main, errors);
        }

        /** The YAML reader is loaded for a file only: the built-in bundle has to start fast. */
        Bundle bundle(Optional<String> flag) {
            if (flag.isPresent() && flag.get().isEmpty()) {
                errors.in(Flags.CONFIG, "empty", "a bundle file");
                return BuiltInBundle.get();
            }
            return flag.or(() -> variable("CONFIG"))
                    .flatMap(file -> BundleFile.read(file, errors))
                    .orElseGet(BuiltInBundle::get);
        }

        <T> Optional<T> value(ScalarType<T> type, String variable, String flag, Optional<String> given) {
            Optional<T> weaker = variable(variable)
                    .flatMap(text ->
                            type.read(text, (problem, expected) -> errors.in(PREFIX + variable, problem, expected)));
            Optional<T> stronger =
                    given.flatMap(text -> type.read(text, (problem, expected) -> errors.in(flag, problem, expected)));
            return stronger.or(() -> weaker);
        }
    }
}
