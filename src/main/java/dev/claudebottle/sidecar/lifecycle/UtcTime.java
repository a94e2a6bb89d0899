package dev.claudebottle.sidecar.lifecycle;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The text form of every time: UTC, exactly three decimals, {@code Z}. */
public final class UtcTime {

    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private UtcTime() {}

    public static String format(Instant time) {
        return FORMAT.format(time);
    }
}
