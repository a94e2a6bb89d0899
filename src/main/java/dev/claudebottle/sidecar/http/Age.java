package dev.claudebottle.sidecar.http;

import java.time.Duration;

/** How long something has lasted, for people: its two largest units, as in {@code 3 m 12 s}. */
final class Age {

    private Age() {}

    /** A negative one, which a clock that was set makes, counts as none. */
    static String text(Duration age) {
        if (age.isNegative()) {
            return "0 s";
        }
        if (age.toDays() > 0) {
            return age.toDays() + " d " + age.toHoursPart() + " h";
        }
        if (age.toHours() > 0) {
            return age.toHours() + " h " + age.toMinutesPart() + " m";
        }
        if (age.toMinutes() > 0) {
            return age.toMinutes() + " m " + age.toSecondsPart() + " s";
        }
        return age.toSeconds() + " s";
    }
}
