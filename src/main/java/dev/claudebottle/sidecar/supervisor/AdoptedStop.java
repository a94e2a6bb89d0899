package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.lifecycle.Phase;
import dev.claudebottle.sidecar.os.AdoptedProcess;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Processes;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The stop of what has left the sessions of the daemons: when all daemons are down, it gets TERM and CONT, and has what is left of the grace. SIGKILL
 * then is for {@link Shutdown}.
 */
final class AdoptedStop {

    /** How long to wait for children that have just died, in nanoseconds. */
    private static final long REAP_TIME = TimeUnit.MILLISECONDS.toNanos(2);

    /** Between two looks at who is there, in nanoseconds: a process may fork right before it gets its signal. */
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

    private final Children children;
    private final Supplier<List<AdoptedProcess>> adopted;
    private final Consumer<OwnLine> say;

    private OptionalLong firstSignal = OptionalLong.empty();

    /** The second signal; null before it. */
    private volatile Signal secondSignal;

    /** @param adopted finds the adopted processes */
    AdoptedStop(Children children, Supplier<List<AdoptedProcess>> adopted, Consumer<OwnLine> say) {
        this.children = children;
        this.adopted = adopted;
        this.say = say;
    }

    /** TERM or INT has come; the second one, some time after the first, ends the wait. For the thread that reads signals. */
    void signalled(Signal signal) {
        long now = System.nanoTime();
        if (firstSignal.isEmpty()) {
            firstSignal = OptionalLong.of(now);
        } else if (now - firstSignal.getAsLong() >= Phase.Stopping.SECOND_SIGNAL.toNanos()) {
            secondSignal = signal;
        }
    }

    /**
     * Returns when no child is left, or after the grace.
     *
     * @param since when the stop began, a {@link System#nanoTime}
     */
    void stop(long since, TimeSpan grace) throws InterruptedException {
        Set<Integer> signalled = new HashSet<>();
        long wait = REAP_TIME;
        while (!children.awaitChildless(System.nanoTime() + wait)) {
            List<AdoptedProcess> left = adopted.get();
            if (left.isEmpty()) {
                return;
            }
            Signal again = secondSignal;
            if (again != null || System.nanoTime() - since >= grace.duration().toNanos()) {
                String reason = again != null ? again + " again" : "grace (" + grace.text() + ") elapsed";
                say.accept(OwnLine.warning(reason + "; SIGKILL on " + count(left.size())));
                return;
            }
            for (AdoptedProcess process : left) {
                if (signalled.add(process.pid())) {
                    Processes.signal(process.pid(), Signal.TERM);
                    Processes.signal(process.pid(), Signal.CONT);
                }
            }
            wait = INTERVAL;
        }
    }

    private static String count(int processes) {
        return processes + (processes == 1 ? " adopted process" : " adopted processes");
    }
}
