package dev.claudebottle.sidecar.bundle;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, and the text that it was given as.
 *
 * @param text as written: {@code 512B}, {@code 16KiB} or {@code 1MiB}
 */
public record ByteSize(String text, int bytes) {

    private static final int KIB = 1024;

    /** In a class of its own: the built-in bundle has to start fast, and has a size that needs no parsing. */
    private static final class Form {
        static final Pattern PATTERN = Pattern.compile("([0-9]{1,9})(B|KiB|MiB)");
    }

    /** Empty for anything but a whole number followed by {@code B}, {@code KiB} or {@code MiB}, and above 2 GiB. */
    public static Optional<ByteSize> parse(String text) {
        Matcher form = Form.PATTERN.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(form.group(1));
        long bytes = switch (form.group(2)) {
            case "B" -> number;
            case "KiB" -> number * KIB;
            default -> number * KIB * KIB;
        };
        return bytes > Integer.MAX_VALUE ? Optional.empty() : Optional.of(new ByteSize(text, (int) bytes));
    }
}
