package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.os.OomKills;
import dev.claudebottle.sidecar.os.Processes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tells a SIGKILL by the kernel's out-of-memory killer from others. The kernel counts its kills and does not say whom it killed. So a thread
 * watches the counter, and with each change it is found out which daemons are dying at that moment: a kill while none is was that of another
 * process, and does not count for a later death. All methods but {@link #start} are for the supervisor's thread.
 */
final class OomDetector {

    private enum Verdict {
        KILLED,
        UNKNOWN
    }

    /** @param baseline the counter at the beginning */
    private record Watch(OomKills kills, long baseline) {}

    /** How long a kill may follow its notice, in steps of {@link #STEP_MILLIS}. */
    private static final int MAX_STEPS = 50;

    private static final int STEP_MILLIS = 2;

    private final Consumer<Throwable> onFault;

    private final CountDownLatch begun = new CountDownLatch(1);

    /** Null: nothing is known, not yet or never. */
    private volatile Watch watch;

    /** The kills that have been told apart. */
    private OptionalLong accounted = OptionalLong.empty();

    /** Of processes that were dying when the counter rose. */
    private final Map<Integer, Verdict> verdicts = new HashMap<>();

    OomDetector(Consumer<Throwable> onFault) {
        this.onFault = onFault;
    }

    /** @param onKill called by the thread that watches, after each kill */
    void start(Runnable onKill) {
        Thread.ofPlatform().name("oom-watch").daemon().start(() -> watch(onKill));
    }

    /** Lets the thread do its work, which must not delay the first daemon. */
    void begin() {
        begun.countDown();
    }

    private void watch(Runnable onKill) {
        try {
            begun.await();
            Optional<OomKills> kills = OomKills.ofOurCgroup();
            OptionalLong count = kills.map(OomKills::count).orElse(OptionalLong.empty());
            if (count.isEmpty()) {
                return;
            }
            watch = new Watch(kills.get(), count.getAsLong());
            long latest = count.getAsLong();
            while (kills.get().givesNotice()) {
                kills.get().awaitNotice();
                long now = awaitRise(kills.get(), latest);
                if (now > latest) {
                    latest = now;
                    onKill.run();
                }
            }
        } catch (Throwable fault) {
            onFault.accept(fault);
        }
    }

    private static long awaitRise(OomKills kills, long latest) throws InterruptedException {
        long now = kills.count().orElse(latest);
        for (int step = 0; now <= latest && kills.noticePrecedesKill() && step < MAX_STEPS; step++) {
            Thread.sleep(STEP_MILLIS);
            now = kills.count().orElse(latest);
        }
        return now;
    }

    /** Finds out for whom the kernel's latest kills were. */
    void account(BundleState state) {
        Watch current = watch;
        if (current == null) {
            return;
        }
        long before = accounted.orElse(current.baseline());
        long count = current.kills().count().orElse(before);
        accounted = OptionalLong.of(count);
        if (count == before) {
            return;
        }
        Set<Integer> dying = livingDaemons(state);
        dying.removeIf(pid -> !Processes.isDying(pid));
        boolean certain = current.kills().givesNotice() && dying.size() <= count - before;
        dying.forEach(pid -> verdicts.put(pid, certain ? Verdict.KILLED : Verdict.UNKNOWN));
    }

    /**
     * Whether the out-of-memory killer ended this daemon; null when that can't be known.
     *
     * @param state before the death
     */
    Boolean wasKilled(BundleState state, DaemonStatus daemon, int pid, ExitStatus status) {
        account(state);
        Verdict verdict = verdicts.remove(pid);
        if (watch == null) {
            return null;
        }
        boolean sigkill =
                status instanceof ExitStatus.Killed killed && killed.signal().equals(Signal.KILL);
        if (!sigkill || killedByUs(daemon) || verdict == null) {
            return false;
        }
        return switch (verdict) {
            case KILLED -> true;
            case UNKNOWN -> null;
        };
    }

    /** As far as the state says; without those that we have killed. */
    private static Set<Integer> livingDaemons(BundleState state) {
        return state.daemons().stream()
                .filter(daemon -> daemon.pid().isPresent() && !killedByUs(daemon))
                .map(daemon -> daemon.pid().getAsInt())
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static boolean killedByUs(DaemonStatus daemon) {
        return daemon.state() instanceof DaemonState.Stopping stopping
                && stopping.killedAt().isPresent();
    }
}
