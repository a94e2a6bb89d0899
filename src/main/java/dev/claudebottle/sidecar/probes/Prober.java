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
 * Runs the probes of all daemons. One thread, the clock, starts the attempts that are due; each attempt runs on a virtual
 * thread of its own. The clock starts with the first probe.
 */
public final class Prober {

    private final Children children;
    private final Consumer<Event.Probed> results;
    private final Map<String, Map<ProbeKind, ProbeSchedule>> schedules = new HashMap<>();
    private ScheduledExecutorService clock;

    /**
     * @param children runs the commands of exec probes
     * @param results takes the result of every attempt, from any thread; must not block or call this prober
     */
    public Prober(Children children, Consumer<Event.Probed> results) {
        this.children = children;
        this.results = results;
    }

    /**
     * Starts a probe: the first attempt comes at once, each further one a period after the start of the last one, but not
     * before its end. Replaces an earlier probe of the same daemon and kind.
     *
     * @param start the number of the daemon's start; part of every result
     */
    public synchronized void start(Daemon daemon, ProbeKind kind, int start) {
        Probe probe = switch (kind) {
            case READINESS -> daemon.readiness().orElseThrow();
            case LIVENESS -> daemon.liveness().orElseThrow();
        };
        if (clock == null) {
            clock = clock();
        }
        ProbeSchedule schedule = new ProbeSchedule(
                // evaluated on the virtual thread, so that loading the check's classes does not delay the supervisor
                () -> checkOf(probe.target(), daemon).check(),
                probe,
                clock,
                failure -> results.accept(new Event.Probed(daemon.name(), kind, start, failure)));
        ProbeSchedule previous = schedules
                .computeIfAbsent(daemon.name(), _ -> new EnumMap<>(ProbeKind.class))
                .put(kind, schedule);
        if (previous != null) {
            previous.stop();
        }
        schedule.start();
    }

    /** Stops both probes of a daemon and abandons their attempts; once this returns, no result of them comes. */
    public synchronized void stop(String daemon) {
        Map<ProbeKind, ProbeSchedule> stopped = schedules.remove(daemon);
        if (stopped != null) {
            stopped.values().forEach(ProbeSchedule::stop);
        }
    }

    private ProbeCheck checkOf(Probe.Target target, Daemon daemon) {
        return switch (target) {
            case Probe.Target.Tcp tcp -> new TcpCheck(tcp);
            case Probe.Target.Http http -> new HttpCheck(http);
            case Probe.Target.Exec exec -> new ExecCheck(children, daemon, exec);
        };
    }

    private static ScheduledExecutorService clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("probe-clock").factory());
        // otherwise the timeout of every attempt stays queued until it is due
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }
}
