package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import java.util.function.Consumer;

/**
 * Says which signals have no effect: each once, because who may send one may send a million. An image that inherits a {@code STOPSIGNAL} of
 * its base, and is killed after the engine's grace for it, is understood then.
 */
final class IgnoredSignals {

    private final Consumer<OwnLine> say;

    /** One bit a signal, the first for signal 1. */
    private long said;

    IgnoredSignals(Consumer<OwnLine> say) {
        this.say = say;
    }

    synchronized void came(Signal signal) {
        long bit = 1L << signal.number() - 1;
        if ((said & bit) == 0) {
            said |= bit;
            say.accept(OwnLine.warning(signal + effect(signal)).signal(signal.toString()));
        }
    }

    private static String effect(Signal signal) {
        return signal.equals(Signal.HUP)
                ? " is forwarded to nobody; see forward_hup"
                : " is ignored; SIGTERM stops the bundle";
    }
}
