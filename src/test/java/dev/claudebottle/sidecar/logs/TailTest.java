package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Colour;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TailTest {

    @Test
    void isEmptyAtFirst() {
        assertThat(new Tail(new Escaper(false, Colour.ESCAPE)).lines(20)).isEmpty();
    }

    @Test
    void isTheEndOfTheTextHoweverItIsChunked() {
        for (int seed = 0; seed < 300; seed++) {
            // Given: chunks of all sizes, some exactly as large as the ring
            SplittableRandom random = new SplittableRandom(seed);
            Tail tail = new Tail(new Escaper(false, Colour.ESCAPE));
            StringBuilder all = new StringBuilder();
            for (int chunks = random.nextInt(1, 6); chunks > 0; chunks--) {
                String chunk = text(random, random.nextInt(4) == 0 ? Tail.SIZE : random.nextInt(1, 3 * Tail.SIZE));
                all.append(chunk);
                tail.add(chunk.getBytes(US_ASCII), chunk.length());
            }

            // When / Then
            assertThat(tail.lines(Integer.MAX_VALUE)).as("seed %d", seed).isEqualTo(expected(all.toString()));
        }
    }

    /** The rule, implemented a second time. */
    private static List<String> expected(String all) {
        String end = all.substring(Math.max(0, all.length() - Tail.SIZE));
        List<String> lines = new ArrayList<>(List.of(end.split("\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        if (all.length() > Tail.SIZE && lines.size() > 1) {
            lines.removeFirst();
        }
        return lines;
    }

    private static String text(SplittableRandom random, int length) {
        int lineLength = random.nextInt(1, 20_000);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26)));
            if (random.nextInt(lineLength) == 0) {
                text.append('\n');
            }
        }
        return text.substring(0, length);
    }
}
