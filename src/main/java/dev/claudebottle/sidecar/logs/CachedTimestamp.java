package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.claudebottle.sidecar.lifecycle.UtcTime;
import java.time.Instant;

/** The current time as text. It is formatted once a millisecond, because thousands of lines share one. */
final class CachedTimestamp {

    private long millis = -1;
    private byte[] text;

    byte[] now() {
        long now = System.currentTimeMillis();
        if (now != millis) {
            millis = now;
            text = UtcTime.format(Instant.ofEpochMilli(now)).getBytes(US_ASCII);
        }
        return text;
    }
}
