package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.TestPipe;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The memory and processor time that the pump uses, busy and idle. */
class PumpResourcesTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int LINES = 200_000;

    @Test
    void aLineAllocatesNothing() throws Exception {
        for (LogFormat format : LogFormat.values()) {
            // Given
            PumpFixture fixture = PumpFixture.unread(format);
            discardAll(fixture.stdout);
            TestPipe daemon = fixture.daemon("a");
            byte[] lines = ("x".repeat(70) + "\u00e9\u001b[m \u2028 " + "y".repeat(20) + "\r\n")
                    .repeat(LINES)
                    .getBytes();
            daemon.write(lines);
            await().until(() -> Descriptors.available(daemon.readEnd) == 0);
            long before = THREADS.getThreadAllocatedBytes(fixture.thread.threadId());

            // When
            daemon.write(lines).closeWriteEnd();
            StdoutTest.finish(fixture.pump);

            // Then: only reads and writes allocate, and each carries hundreds of lines
            long allocated = THREADS.getThreadAllocatedBytes(fixture.thread.threadId()) - before;
            assertThat(allocated / LINES).as(format.word()).isLessThan(32);
            fixture.stdout.closeWriteEnd();
        }
    }

    @Test
    void aLineThatNeverEndsTakesNoMoreMemoryThanItsLimit() throws Exception {
        // Given
        PumpFixture fixture = PumpFixture.unread(LogFormat.TEXT);
        discardAll(fixture.stdout);
        TestPipe daemon = fixture.daemon("a");
        byte[] piece = "x".repeat(1024 * 1024).getBytes();
        long before = THREADS.getThreadAllocatedBytes(fixture.thread.threadId());

        // When
        for (int i = 0; i < 64; i++) {
            daemon.write(piece);
        }
        await().until(() -> Descriptors.available(daemon.readEnd) == 0);

        // Then: what was never allocated is not retained either
        assertThat(THREADS.getThreadAllocatedBytes(fixture.thread.threadId()) - before)
                .isLessThan(16 * 1024 * 1024);
        daemon.closeWriteEnd();
        StdoutTest.finish(fixture.pump);
        fixture.stdout.closeWriteEnd();
    }

    @Test
    void anIdlePumpSleeps() throws Exception {
        // Given: an open pipe and a closed one
        PumpFixture fixture = PumpFixture.text();
        TestPipe silent = fixture.daemon("a");
        fixture.daemon("b").write("b\n").closeWriteEnd();
        fixture.awaitLine("[b] b");
        long cpu = THREADS.getThreadCpuTime(fixture.thread.threadId());
        long until = System.nanoTime() + Duration.ofMillis(300).toNanos();

        // When
        await().until(() -> System.nanoTime() - until >= 0);

        // Then
        assertThat(THREADS.getThreadCpuTime(fixture.thread.threadId()) - cpu)
                .isLessThan(Duration.ofMillis(150).toNanos());
        silent.closeWriteEnd();
        fixture.finish();
    }

    private static void discardAll(TestPipe stdout) {
        Thread.ofPlatform().daemon().start(() -> {
            while (TestPipe.read(stdout.readEnd).length > 0) {
                // the content doesn't matter here
            }
            stdout.closeReadEnd();
        });
    }
}
