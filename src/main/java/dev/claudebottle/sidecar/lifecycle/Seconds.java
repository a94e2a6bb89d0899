package dev.claudebottle.sidecar.lifecycle;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** How a measured time is written. */
public final class Seconds {

    private static final int NANO_DECIMALS = 9;
    private static final int MOST_DECIMALS = 3;

    private Seconds() {}

    /** In a line: {@code 12.3 s}, and below a second {@code 0.52 s}. */
    static String text(Duration duration) {
        int decimals = duration.compareTo(Duration.ofSeconds(1)) < 0 ? 2 : 1;
        return exactly(duration.toNanos()).setScale(decimals, RoundingMode.HALF_UP) + " s";
    }

    /** In JSON: {@code 12.3}, {@code 0.0}, {@code 0.042}; never an exponent. */
    public static BigDecimal of(long nanos) {
        return tidy(exactly(nanos));
    }

    /** The same, of a number that somebody else has written. */
    public static BigDecimal of(Number seconds) {
        return tidy(new BigDecimal(seconds.toString()));
    }

    private static BigDecimal exactly(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DECIMALS);
    }

    private static BigDecimal tidy(BigDecimal seconds) {
        BigDecimal rounded =
                seconds.setScale(MOST_DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros();
        return rounded.scale() < 1 ? rounded.setScale(1) : rounded;
    }
}
