package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Sends signals to this JVM, in which the handlers are installed once. */
final class SentSignals {

    /** All that could end us and can be ignored, with those that glibc keeps for itself (32, 33) and the real-time signals. */
    private static final List<Signal> IGNORED = IntStream.concat(
                    IntStream.of(3, 5, 6, 10, 12, 14, 16, 24, 26, 27, 28, 29, 30, 31), IntStream.rangeClosed(32, 64))
            .mapToObj(Signal::new)
            .toList();

    /** Those of them that are reported when they were blocked. */
    static final List<Signal> REPORTED = IntStream.concat(
                    IntStream.of(3, 10, 14, 16, 24, 26, 27, 28, 29, 30), IntStream.rangeClosed(34, 64))
            .filter(number -> number != 62)
            .mapToObj(Signal::new)
            .toList();

    /** glibc and the JDK may have installed handlers for these, which do nothing. */
    private static final Set<Integer> MAY_HAVE_HANDLERS = Set.of(32, 33, 62);

    private static SentSignals signals;

    private final BlockingQueue<Signal> handled = new LinkedBlockingQueue<>();

    private SentSignals() {}

    static synchronized SentSignals shared() {
        if (signals == null) {
            signals = new SentSignals();
            SignalHandlers.install(signals.handled::add, fault -> {
                throw new AssertionError(fault);
            });
        }
        return signals;
    }

    void assertHandled() throws InterruptedException {
        for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.HUP, Signal.TERM)) {
            send(signal);
            assertThat(handled.poll(5, TimeUnit.SECONDS)).isEqualTo(signal);
        }
    }

    /** An ignored signal has no effect to wait for; the HUP after the others has been handled. */
    void assertIgnored(List<Signal> reported) throws Exception {
        IGNORED.forEach(SentSignals::send);
        Set<Signal> came = new HashSet<>();
        while (came.size() < reported.size()) {
            Signal next = handled.poll(5, TimeUnit.SECONDS);
            assertThat(next).as("after " + came).isNotNull();
            came.add(next);
        }
        assertThat(came).containsExactlyInAnyOrderElementsOf(reported);
        send(Signal.HUP);
        assertThat(handled.poll(5, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
        assertThat(handled).isEmpty();
        long ignored = mask("SigIgn");
        assertThat(IGNORED)
                .filteredOn(signal -> !MAY_HAVE_HANDLERS.contains(signal.number()))
                .allMatch(signal -> (ignored >> signal.number() - 1 & 1) == 1);
    }

    private static void send(Signal signal) {
        Libc.callInt(Libc.function("kill"), Processes.self(), signal.number());
    }

    private static long mask(String name) throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line ->
                        Long.parseUnsignedLong(line.substring(name.length() + 1).strip(), 16))
                .findFirst()
                .orElseThrow();
    }
}
