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

/** What the pump takes while it works, and while it doesn't. */
class CostTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int LINES = 200_000;

    @Test
    void aLineCostsNoMemory() throws Exception {
        for (LogFormat format : LogFormat.values()) {
            // Given
            Printer printer = Printer.unread(format);
            discardAll(printer.stdout);
            TestPipe daemon = printer.daemon("a");
            byte[] lines = ("x".repeat(70) + "\u00e9\u001b[m \u2028 " + "y".repeat(20) + "\r\n")
                    .repeat(LINES)
                    .getBytes();
            daemon.write(lines);
            await().until(() -> Descriptors.readable(daemon.readEnd) == 0);
            long before = THREADS.getThreadAllocatedBytes(printer.thread.threadId());

            // When
            daemon.write(lines).closeWriteEnd();
            StdoutTest.finish(printer.pump);

            // Then: some bytes a read and a write, each of which carries hundreds of lines
            long allocated = THREADS.getThreadAllocatedBytes(printer.thread.threadId()) - before;
            assertThat(allocated / LINES).as(format.word()).isLessThan(32);
            printer.stdout.closeWriteEnd();
        }
    }

    @Test
    void aLineThatNeverEndsCostsNoMoreThanItsLimit() throws Exception {
        // Given
        Printer printer = Printer.unread(LogFormat.TEXT);
        discardAll(printer.stdout);
        TestPipe daemon = printer.daemon("a");
        byte[] piece = "x".repeat(1024 * 1024).getBytes();
        long before = THREADS.getThreadAllocatedBytes(printer.thread.threadId());

        // When
        for (int i = 0; i < 64; i++) {
            daemon.write(piece);
        }
        await().until(() -> Descriptors.readable(daemon.readEnd) == 0);

        // Then: what is not allocated can't be kept
        assertThat(THREADS.getThreadAllocatedBytes(printer.thread.threadId()) - before)
                .isLessThan(16 * 1024 * 1024);
        daemon.closeWriteEnd();
        StdoutTest.finish(printer.pump);
        printer.stdout.closeWriteEnd();
    }

    @Test
    void anIdlePumpSleeps() throws Exception {
        // Given: a pipe that is open, and one that is not any more
        Printer printer = Printer.text();
        TestPipe silent = printer.daemon("a");
        printer.daemon("b").write("b\n").closeWriteEnd();
        printer.awaitLine("[b] b");
        long cpu = THREADS.getThreadCpuTime(printer.thread.threadId());
        long until = System.nanoTime() + Duration.ofMillis(300).toNanos();

        // When
        await().until(() -> System.nanoTime() - until >= 0);

        // Then
        assertThat(THREADS.getThreadCpuTime(printer.thread.threadId()) - cpu)
                .isLessThan(Duration.ofMillis(150).toNanos());
        silent.closeWriteEnd();
        printer.finish();
    }

    private static void discardAll(TestPipe stdout) {
        Thread.ofPlatform().daemon().start(() -> {
            while (TestPipe.read(stdout.readEnd).length > 0) {
                // only its pace matters
            }
            stdout.closeReadEnd();
        });
    }
}
