package dev.claudebottle.sidecar.lifecycle;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** How lines write a measured time: {@code 12.3 s}, and below a second {@code 0.52 s}. */
final class Seconds {

    private Seconds() {}

    static String text(Duration duration) {
        int decimals = duration.compareTo(Duration.ofSeconds(1)) < 0 ? 2 : 1;
        return BigDecimal.valueOf(duration.toNanos(), 9).setScale(decimals, RoundingMode.HALF_UP) + " s";
    }
}
