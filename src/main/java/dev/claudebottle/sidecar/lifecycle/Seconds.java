package dev.claudebottle.sidecar.lifecycle;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** The text and JSON form of a measured time. */
public final class Seconds {

    private static final int NANO_DECIMALS = 9;
    private static final int MOST_DECIMALS = 3;

    private Seconds() {}

    /** For a log line: {@code 12.3 s}, and below a second {@code 0.52 s}. */
    public static String text(Duration duration) {
        int decimals = duration.compareTo(Duration.ofSeconds(1)) < 0 ? 2 : 1;
        return unrounded(duration.toNanos()).setScale(decimals, RoundingMode.HALF_UP) + " s";
    }

    /** For JSON: {@code 12.3}, {@code 0.0}, {@code 0.042}; never an exponent. */
    public static BigDecimal of(long nanos) {
        return rounded(unrounded(nanos));
    }

    /** The same form for a number that was read from JSON. */
    public static BigDecimal of(Number seconds) {
        return rounded(new BigDecimal(seconds.toString()));
    }

    private static BigDecimal unrounded(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DECIMALS);
    }

    private static BigDecimal rounded(BigDecimal seconds) {
        BigDecimal shortest =
                seconds.setScale(MOST_DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros();
        return shortest.scale() < 1 ? shortest.setScale(1) : shortest;
    }
}
