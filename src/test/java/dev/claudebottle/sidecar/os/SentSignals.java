package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Sends signals to this JVM, in which the handlers are installed once. */
final class SentSignals {

    private static final List<Signal> IGNORED =
            List.of(new Signal(3), new Signal(10), new Signal(12), new Signal(14), new Signal(28));

    private static SentSignals signals;

    private final BlockingQueue<Signal> handled = new LinkedBlockingQueue<>();

    private SentSignals() {}

    static synchronized SentSignals shared() {
        if (signals == null) {
            signals = new SentSignals();
            SignalHandlers.install(signals.handled::add);
        }
        return signals;
    }

    void assertHandled() throws InterruptedException {
        for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.HUP, Signal.TERM)) {
            send(signal);
            assertThat(handled.poll(5, TimeUnit.SECONDS)).isEqualTo(signal);
        }
    }

    /** An ignored signal has no effect to wait for; the HUP after it has. */
    void assertIgnored() throws Exception {
        IGNORED.forEach(SentSignals::send);
        send(Signal.HUP);
        assertThat(handled.poll(5, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
        assertThat(handled).isEmpty();
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
