package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeptOutputTest {

    @Test
    void itGivesBackTheBytesThatItGotInTheirOrderWhateverTheChunks() {
        for (int seed = 0; seed < 200; seed++) {
            // Given
            Random random = new Random(seed);
            KeptOutput kept = new KeptOutput();
            ByteArrayOutputStream given = new ByteArrayOutputStream();
            ByteArrayOutputStream taken = new ByteArrayOutputStream();

            // When
            for (int step = 0; step < 50; step++) {
                byte[] chunk = new byte[1 + random.nextInt(1000)];
                if (random.nextBoolean()) {
                    random.nextBytes(chunk);
                    int length = random.nextInt(chunk.length + 1);
                    given.write(chunk, 0, length);
                    kept.add(chunk, length);
                } else {
                    taken.write(chunk, 0, kept.take(chunk));
                }
                assertThat(kept.isEmpty()).isEqualTo(taken.size() == given.size());
            }
            while (!kept.isEmpty()) {
                byte[] rest = new byte[777];
                taken.write(rest, 0, kept.take(rest));
            }

            // Then
            assertThat(taken.toByteArray()).isEqualTo(given.toByteArray());
        }
    }

    @Test
    void itTakesNoMoreThanTwiceTheMemoryOfWhatItGot() {
        KeptOutput kept = new KeptOutput();
        byte[] chunk = new byte[3000];
        Arrays.fill(chunk, (byte) 'x');
        for (int size = chunk.length; size < 100_000; size += chunk.length) {
            // When
            kept.add(chunk, chunk.length);

            // Then
            assertThat(kept.memory()).isBetween(size, 2 * size);
        }
    }
}
