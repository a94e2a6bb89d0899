package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.Flags;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code [run] [--flag value]...}, which is how containers start us, without picocli: loading it would delay the first guard
 * (decision 0012). Everything else, errors included, is left to picocli.
 */
final class PlainFlags {

    private PlainFlags() {}

    /** Empty when the arguments have any other form. */
    static Optional<Flags> parse(String... args) {
        Map<String, String> values = new HashMap<>();
        int at = args.length > 0 && args[0].equals("run") ? 1 : 0;
        while (at < args.length) {
            String name = args[at++];
            if (at == args.length || !Flags.NAMES.contains(name) || !isPlain(args[at]) || values.containsKey(name)) {
                return Optional.empty();
            }
            values.put(name, args[at++]);
        }
        return Optional.of(Flags.of(values));
    }

    /** To picocli a value may be an option, or name a file of arguments. */
    private static boolean isPlain(String value) {
        return !value.startsWith("-") && !value.startsWith("@");
    }
}
