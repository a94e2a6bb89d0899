package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.lifecycle.Pause;
import dev.claudebottle.sidecar.lifecycle.Phase;
import dev.claudebottle.sidecar.os.AdoptedProcess;
import dev.claudebottle.sidecar.os.Children;
import dev.claudebottle.sidecar.os.Processes;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The stop of what has left the sessions of the daemons: when all daemons are down, it gets TERM and CONT, and has what is left of the grace. SIGKILL
 * then is for {@link Shutdown}.
 */
final class AdoptedStop {

    /** Between two looks whether a second signal has come, in nanoseconds. */
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
     * @param graceEnd a {@link System#nanoTime}
     * @param grace as it was given
     * @return the end of the grace, which a pause of us in which it elapsed has made later
     */
    long stop(long graceEnd, String grace) throws InterruptedException {
        // taken before anything is done, so that a pause at any time from here on shows
        long began = System.nanoTime();
        if (children.awaitChildless(began + Children.REAP_TIME)) {
            return laterByAPause(graceEnd, began, System.nanoTime());
        }
        List<AdoptedProcess> asked = adopted.get();
        // once: what they start to finish their work is to finish too
        for (AdoptedProcess process : asked) {
            Processes.signal(process.pid(), Signal.TERM);
            Processes.signal(process.pid(), Signal.CONT);
        }
        return asked.isEmpty() ? graceEnd : await(began, graceEnd, grace);
    }

    private long await(long since, long graceEnd, String grace) throws InterruptedException {
        long end = graceEnd;
        long now = since;
        while (secondSignal == null && now - end < 0) {
            long began = now;
            boolean childless = children.awaitChildless(Math.min(end, began + INTERVAL));
            now = System.nanoTime();
            end = laterByAPause(end, began, now);
            if (childless) {
                return end; // the output that is left has its time until then
            }
        }
        int left = adopted.get().size();
        if (left > 0) {
            Signal again = secondSignal;
            OwnLine reason = again != null
                    ? OwnLine.warning(again + " again").signal(again.toString())
                    : OwnLine.warning("grace (" + grace + ") elapsed");
            say.accept(reason.and("; SIGKILL on " + left + (left == 1 ? " adopted process" : " adopted processes")));
        }
        return end;
    }

    /** The end of the grace, later by the time since then, if a pause of us shows. */
    private static long laterByAPause(long end, long since, long now) {
        return Pause.isShownBy(end, now) ? end + now - since : end;
    }
}
