package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.ByteSize;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LayoutControls;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.Settings;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A container engine cuts what it reads of our stdout into records. Where a line of ours is longer than a record, the daemon that wrote
 * it chooses how the next record begins: as a line of another daemon, for example.
 */
class EngineRecordTest {

    /** Of Docker and containerd. Docker counts the newline. */
    private static final int RECORD = 16 * 1024;

    private static final Bundle IMAGE = Settings.read(
                    Flags.of(Map.of(Flags.CONFIG, "src/main/docker/sidecars.yaml")), Map.of())
            .bundle();

    @Test
    void eachPieceOfTheImagesBundleFitsARecordWhateverADaemonWritesAndInBothFormats() throws Exception {
        for (LogFormat format : LogFormat.values()) {
            for (Daemon daemon : IMAGE.daemons()) {
                assertThat(longest(IMAGE.logs().withFormat(format), daemon.name()))
                        .as("%s in %s", daemon.name(), format)
                        .isBetween(RECORD / 2, RECORD);
            }
        }
    }

    @Test
    void eachPieceOfTheImagesBundleFitsARecordWithTheLongestIdentity() throws Exception {
        // Given
        Optional<String> longest = Optional.of("x".repeat(Identity.LONGEST));
        Identity identity = new Identity(longest, longest, longest);

        // Then
        for (Daemon daemon : IMAGE.daemons()) {
            assertThat(longest(IMAGE.logs().withFormat(LogFormat.JSON), identity, daemon.name()))
                    .as(daemon.name())
                    .isBetween(5 * IMAGE.logs().maxLine().bytes() + 797, RECORD);
        }
    }

    /** The numbers of docs/bundle.md. */
    @Test
    void theLargestSizesThatFitAre4092BytesInTextAnd3259InJson() throws Exception {
        assertThat(longest(logs(LogFormat.TEXT, 4092), "supervise")).isLessThanOrEqualTo(RECORD);
        assertThat(longest(logs(LogFormat.TEXT, 4093), "supervise")).isGreaterThan(RECORD);
        assertThat(longest(logs(LogFormat.JSON, 3259), "supervise")).isLessThanOrEqualTo(RECORD);
        assertThat(longest(logs(LogFormat.JSON, 3260), "supervise")).isGreaterThan(RECORD);
    }

    private static Logs logs(LogFormat format, int maxLine) {
        return Logs.DEFAULT.withFormat(format).withMaxLine(new ByteSize(maxLine + "B", maxLine));
    }

    private static int longest(Logs logs, String daemon) throws InterruptedException {
        return longest(logs, Identity.NONE, daemon);
    }

    /** The bytes of the longest line that comes out, newline included, of lines of each character that grows when it is written. */
    private static int longest(Logs logs, Identity identity, String daemon) throws InterruptedException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        for (byte[] unit : units()) {
            for (int length = 0; length < 2 * logs.maxLine().bytes() + 2; length += unit.length) {
                written.writeBytes(unit);
            }
            written.write('\n');
        }
        return PumpFixture.print(logs, identity, daemon, written.toByteArray())
                .lines()
                .mapToInt(line -> line.getBytes(UTF_8).length + 1)
                .max()
                .orElseThrow();
    }

    /** Every byte but the newline, and the characters of two and three bytes that are escaped. */
    private static List<byte[]> units() {
        List<byte[]> units = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            if (b != '\n') {
                units.add(new byte[] {(byte) b});
            }
        }
        IntStream.rangeClosed(0x80, Character.MAX_VALUE)
                .filter(c -> c <= 0x9f || LayoutControls.contains(c))
                .forEach(c -> units.add(Character.toString(c).getBytes(UTF_8)));
        return units;
    }
}
