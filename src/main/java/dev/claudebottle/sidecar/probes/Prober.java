package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.os.Children;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;

/**
 * Asks daemons how they are, again and again. One thread knows what is due and sleeps until then; each attempt has a
 * virtual thread for as long as it takes. Before the first probe there is neither.
 */
public final class Prober {

    private final Children children;
    private final Consumer<Event.Probed> results;
    private final Map<String, Map<ProbeKind, ProbeSchedule>> schedules = new HashMap<>();
    private ScheduledExecutorService clock;

    /**
     * @param children runs the commands of exec probes
     * @param results takes every answer, from any thread; must be quick, and not call back
     */
    public Prober(Children children, Consumer<Event.Probed> results) {
        this.children = children;
        this.results = results;
    }

    /**
     * Asks at once and then once a period. The next attempt is due a period after the last one began, but never before
     * that has ended. An earlier schedules of the same kind is over.
     *
     * @param start which start of the daemon is asked; comes with every answer
     */
    public synchronized void start(Daemon daemon, ProbeKind kind, int start) {
        Probe probe = switch (kind) {
            case READINESS -> daemon.readiness().orElseThrow();
            case LIVENESS -> daemon.liveness().orElseThrow();
        };
        if (clock == null) {
            clock = clock();
        }
        ProbeSchedule next = new ProbeSchedule(
                () -> ProbeCheck.of(probe.target(), daemon, children).check(),
                probe,
                clock,
                failure -> results.accept(new Event.Probed(daemon.name(), kind, start, failure)));
        ProbeSchedule last = schedules
                .computeIfAbsent(daemon.name(), _ -> new EnumMap<>(ProbeKind.class))
                .put(kind, next);
        if (last != null) {
            last.stop();
        }
        next.begin();
    }

    /** Asks it no more. An attempt that is on its way is given up; once this returns, no answer of it comes. */
    public synchronized void stop(String daemon) {
        Map<ProbeKind, ProbeSchedule> stopped = schedules.remove(daemon);
        if (stopped != null) {
            stopped.values().forEach(ProbeSchedule::stop);
        }
    }

    private static ScheduledExecutorService clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("probe-clock").factory());
        // else the deadline of every attempt that was answered in time stays until it has come
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }
}
