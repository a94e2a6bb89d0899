package dev.claudebottle.sidecar.http;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The value of a {@code Date} header (RFC 9110, 5.6.7). As a {@link java.util.Date} it would load a hundred classes, names of all time zones included. */
final class HttpDate {

    private HttpDate() {}

    static String format(Instant time) {
        OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(utc);
        // a day has two digits in HTTP, and as few as there are in RFC 1123
        return utc.getDayOfMonth() < 10 ? date.replace(", ", ", 0") : date;
    }
}
