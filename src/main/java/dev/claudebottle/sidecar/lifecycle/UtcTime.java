package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** How every time is written: UTC, exactly three decimals, {@code Z}. */
public final class UtcTime {

    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private UtcTime() {}

    public static String format(Instant time) {
        return FORM.format(time);
    }
}
