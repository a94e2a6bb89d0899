package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.os.Children;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs the probes of all daemons. One thread, the clock, starts the attempts that are due; each attempt runs on a virtual
 * thread of its own.
 */
public final class Prober {

    private final Children children;
    private final Consumer<Event> results;
    private final Consumer<Throwable> onFault;
    private final ProbeClock clock;
    private final Map<String, Map<ProbeKind, ProbeSchedule>> schedules = new HashMap<>();

    /**
     * @param children runs the commands of exec probes
     * @param results takes the result of every attempt, from any thread; must not block or call this prober
     * @param onFault called when a probe can't go on, by a fault of ours
     */
    public Prober(Children children, Consumer<Event> results, Consumer<Throwable> onFault) {
        this.children = children;
        this.results = results;
        this.onFault = onFault;
        this.clock = new ProbeClock(onFault);
    }

    /**
     * Makes what probes need while it can be made: the clock's thread, and the JDK's threads for virtual threads and sockets, whose static
     * initialisers fail for ever when they fail once. Does nothing for daemons without probes.
     */
    public void prepare(List<Daemon> daemons) {
        List<Probe> probes = daemons.stream()
                .flatMap(daemon -> Stream.concat(daemon.readiness().stream(), daemon.liveness().stream()))
                .toList();
        if (!probes.isEmpty()) {
            clock.start();
            VirtualThreads.prepare();
        }
    }

    /**
     * Starts a probe: the first attempt comes at once, each further one a period after the start of the last one, sooner while the daemon
     * is not ready, but not before its end. Replaces an earlier probe of the same daemon and kind.
     *
     * @param start the number of the daemon's start; part of every result
     */
    public synchronized void start(Daemon daemon, ProbeKind kind, int start) {
        Probe probe = switch (kind) {
            case READINESS -> daemon.readiness().orElseThrow();
            case LIVENESS -> daemon.liveness().orElseThrow();
        };
        ProbeSchedule schedule = new ProbeSchedule(
                // evaluated on the virtual thread, so that loading the check's classes does not delay the supervisor
                () -> checkOf(probe, daemon).check(),
                probe,
                kind,
                clock,
                result -> results.accept(event(daemon, kind, start, result)),
                onFault);
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

    private static Event event(Daemon daemon, ProbeKind kind, int start, ProbeResult result) {
        return switch (result) {
            case ProbeResult.Checked(Optional<String> failure) -> new Event.Probed(daemon.name(), kind, start, failure);
            case ProbeResult.NotChecked(String cause) -> new Event.NotProbed(daemon.name(), kind, start, cause);
        };
    }

    private ProbeCheck checkOf(Probe probe, Daemon daemon) {
        Duration timeout = probe.timeout().duration();
        return switch (probe.target()) {
            case Probe.Target.Tcp tcp -> new TcpCheck(tcp, timeout, DnsResolver::resolve);
            case Probe.Target.Http http -> new HttpCheck(http, timeout, DnsResolver::resolve);
            case Probe.Target.Exec exec -> new ExecCheck(children, daemon, exec);
        };
    }
}
