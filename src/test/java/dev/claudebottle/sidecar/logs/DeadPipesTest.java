package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.os.TestPipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Daemons that die while stdout is blocked. */
class DeadPipesTest {

    private static final int STARTS = 50;

    private final PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
    private final TestPipe noisy = fixture.daemon("noisy");
    private Thread writer;

    /** Another daemon's output fills everything. */
    @BeforeEach
    void blockStdout() {
        writer = Thread.ofPlatform()
                .daemon()
                .start(() -> noisy.write("noise\n".repeat(300_000).getBytes(UTF_8)));
        fixture.awaitBlocked(noisy);
    }

    @AfterEach
    void end() {
        if (writer.isAlive()) {
            fixture.read();
        }
    }

    private TestPipe dies(String daemon, String output) {
        TestPipe pipe = fixture.daemon(daemon);
        pipe.write(output.getBytes(UTF_8)).closeWriteEnd();
        fixture.pump.died(daemon);
        return pipe;
    }

    private String[] readEverything() throws InterruptedException {
        fixture.read();
        writer.join();
        noisy.closeWriteEnd();
        return fixture.finish().split("\n");
    }

    /** Of this JVM. */
    private static long pipes() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(DeadPipesTest::isPipe).count();
        }
    }

    private static boolean isPipe(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
        } catch (IOException closed) {
            return false;
        }
    }

    @Test
    void theirPipesAreClosedAndNothingIsLost() throws Exception {
        // When
        long before = pipes();
        List<String> expected = new ArrayList<>();
        for (int start = 1; start <= STARTS; start++) {
            dies("guard", "start " + start + "\nunfinished");
            expected.add("[guard] start " + start);
            expected.add("[guard] unfinished");
        }

        // Then
        await().atMost(Duration.ofSeconds(20)).until(() -> pipes() <= before + 3);
        assertThat(readEverything())
                .filteredOn(line -> line.startsWith("[guard]"))
                .containsExactlyElementsOf(expected);
        assertThat(fixture.held).isEmpty();
    }

    @Test
    void theirLastLinesAreKnownAtOnce() throws Exception {
        // When
        dies("guard", "first\nlast words\n");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        List<String> lines = fixture.pump.lastLines("guard", 1).await(deadline);

        // Then
        assertThat(deadline - System.nanoTime()).isPositive();
        assertThat(lines).containsExactly("last words");
        assertThat(readEverything()).contains("[guard] last words");
    }

    @Test
    void aDaemonWhoseOutputReachesTheBoundIsHeldUntilStdoutTakesIt() throws Exception {
        // When: each start writes less than the smallest pipe takes
        dies("small", "a line\n");
        int starts = 0;
        while (fixture.held.isEmpty()) {
            assertThat(starts).isLessThan(STARTS);
            starts++;
            dies("guard", "x".repeat(2999) + "\n");
            // the pump's thread has taken the death
            fixture.pump.lastLines("guard", 1).await(System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        }

        // Then
        assertThat(fixture.held.poll()).isEqualTo("guard is held");
        assertThat(readEverything())
                .filteredOn(each -> each.startsWith("[guard]"))
                .hasSize(starts);
        assertThat(fixture.held.poll(20, TimeUnit.SECONDS)).isEqualTo("guard is released");
        assertThat(fixture.held).isEmpty();
    }

    @Test
    void daemonsAreHeldBelowTheirOwnBoundWhenAllTogetherReachTheirs() throws Exception {
        // When: no daemon's output comes near 64 KiB, that of all exceeds 8 MiB
        int daemons = 0;
        while (fixture.held.isEmpty()) {
            assertThat(daemons).isLessThan(8 * 1024 * 1024 / 20_000);
            daemons++;
            dies("guard-" + daemons, ("x".repeat(999) + "\n").repeat(20));
            fixture.pump.lastLines("guard-" + daemons, 1).await(System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        }

        // Then
        assertThat(daemons).isGreaterThan(8 * 1024 * 1024 / (64 * 1024));
        assertThat(readEverything())
                .filteredOn(each -> each.startsWith("[guard-"))
                .hasSize(20 * daemons);
        List<String> held = new ArrayList<>();
        fixture.held.drainTo(held);
        assertThat(held)
                .filteredOn(each -> each.endsWith(" is released"))
                .hasSize(held.size() / 2)
                .isNotEmpty();
    }

    @Test
    void aDaemonWhosePipesOthersKeepOpenIsHeldToo() throws Exception {
        // When
        List<TestPipe> pipes = new ArrayList<>();
        while (fixture.held.isEmpty() && pipes.size() < STARTS) {
            TestPipe pipe = fixture.daemon("guard");
            pipes.add(pipe);
            fixture.pump.died("guard");
            // the pump's thread takes the death
            fixture.pump.lastLines("guard", 1).await(System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
        }

        // Then: with more than eight
        assertThat(pipes).hasSize(9);
        pipes.forEach(pipe -> pipe.write("late\n".getBytes(UTF_8)).closeWriteEnd());
        assertThat(readEverything())
                .filteredOn(each -> each.equals("[guard] late"))
                .hasSize(pipes.size());
    }

    @Test
    void whatADaemonWritesMatchesWhatIsCounted() throws Exception {
        // When
        dies("guard", "one\ntwo\n");
        readEverything();

        // Then
        assertThat(fixture.pump.totals("guard")).isEqualTo(new LogTotals(2, 8));
    }
}
