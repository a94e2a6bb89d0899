package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Signals that this JVM sends to itself, with the handlers installed once. */
final class SentSignals {

    private static final List<Signal> IGNORED =
            List.of(new Signal(3), new Signal(10), new Signal(12), new Signal(14), new Signal(28));

    private static SentSignals signals;

    private final BlockingQueue<Signal> taken = new LinkedBlockingQueue<>();

    private SentSignals() {}

    static synchronized SentSignals here() {
        if (signals == null) {
            signals = new SentSignals();
            SignalHandlers.install(signals.taken::add);
        }
        return signals;
    }

    void assertTaken() throws InterruptedException {
        for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.HUP, Signal.TERM)) {
            send(signal);
            assertThat(taken.poll(5, TimeUnit.SECONDS)).isEqualTo(signal);
        }
    }

    /** What does nothing can't be waited for; a later signal can. */
    void assertIgnored() throws Exception {
        IGNORED.forEach(SentSignals::send);
        send(Signal.HUP);
        assertThat(taken.poll(5, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
        assertThat(taken).isEmpty();
        long ignored = mask("SigIgn");
        assertThat(IGNORED).allMatch(signal -> (ignored >> signal.number() - 1 & 1) == 1);
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
