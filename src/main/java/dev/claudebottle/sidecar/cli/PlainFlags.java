package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the flags of {@code run}, before and after that word or without it, which is how containers start us, without picocli: loading it
 * would delay the first guard (decision 0012). Everything else, errors included, is left to picocli.
 */
final class PlainFlags {

    private static final String RUN = "run";

    private PlainFlags() {}

    /** Empty when the arguments have any other form. */
    static Optional<Flags> parse(String... args) {
        Map<String, String> values = new HashMap<>();
        Optional<Flags> beforeRun = Optional.empty();
        for (int at = 0; at < args.length; at++) {
            if (args[at].equals(RUN) && beforeRun.isEmpty()) {
                beforeRun = Optional.of(Flags.of(values));
                values.clear();
                continue;
            }
            int equals = args[at].indexOf('=');
            boolean isNext = equals < 0;
            String name = isNext ? args[at] : args[at].substring(0, equals);
            if (!Flags.NAMES.contains(name) || values.containsKey(name)) {
                return Optional.empty();
            }
            if (isNext && ++at == args.length) {
                return Optional.empty();
            }
            String value = isNext ? args[at] : args[at].substring(equals + 1);
            // to picocli this may be an option, or name a file of arguments
            if (value.startsWith("-") || isNext && value.startsWith("@")) {
                return Optional.empty();
            }
            values.put(name, value);
        }
        return Optional.of(Flags.of(values).or(beforeRun.orElse(Flags.NONE)));
    }
}
