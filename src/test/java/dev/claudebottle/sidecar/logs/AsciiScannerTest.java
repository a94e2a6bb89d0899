package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AsciiScannerTest {

    @Test
    void itFindsTheFirstByteThatIsNotPlainWhereverItIs() {
        // Given
        Random random = new Random(1);
        byte[] bytes = new byte[64];
        for (int round = 0; round < 200_000; round++) {
            for (int i = 0; i < bytes.length; i++) {
                int plain = ' ' + random.nextInt(0x7f - ' ');
                bytes[i] = (byte) (random.nextInt(20) == 0 ? random.nextInt(256) : plain);
            }
            int from = random.nextInt(bytes.length);
            int to = from + random.nextInt(bytes.length - from + 1);

            // When
            int found = AsciiScanner.nextSpecial(bytes, from, to);

            // Then
            int expected = from;
            while (expected < to && bytes[expected] >= 0x20 && bytes[expected] <= 0x7e) {
                expected++;
            }
            if (found != expected) {
                assertThat(found).isEqualTo(expected);
            }
        }
    }
}
