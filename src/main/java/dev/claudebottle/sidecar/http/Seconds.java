package dev.claudebottle.sidecar.http;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Lengths of time as numbers: {@code 12.3}, {@code 0.0}, {@code 0.042}; never an exponent. */
final class Seconds {

    private static final int MOST_DECIMALS = 3;
    private static final int NANO_DECIMALS = 9;

    private Seconds() {}

    static BigDecimal of(long nanos) {
        return tidy(BigDecimal.valueOf(nanos, NANO_DECIMALS));
    }

    static BigDecimal of(Number seconds) {
        return tidy(new BigDecimal(seconds.toString()));
    }

    private static BigDecimal tidy(BigDecimal seconds) {
        BigDecimal rounded =
                seconds.setScale(MOST_DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros();
        return rounded.scale() < 1 ? rounded.setScale(1) : rounded;
    }
}
