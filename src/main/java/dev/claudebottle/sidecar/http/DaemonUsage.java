package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.os.ProcessUsage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Processor time and memory of the daemons, read from /proc by each {@link #update}. For one thread at a time. */
final class DaemonUsage {

    /** By the pid of a daemon's first process, which leads its session. */
    private Map<Integer, ProcessUsage> latest = Map.of();

    /**
     * Processor time never decreases while a daemon's first process lives. In /proc it does: the time of a process that dies is missing until
     * its parent has waited for it, and for good if we reap it. Prometheus takes a counter that decreases for one that was reset.
     */
    void update(BundleState state) {
        Set<Integer> leaders = state.daemons().stream()
                .flatMapToInt(daemon -> daemon.pid().stream())
                .boxed()
                .collect(Collectors.toSet());
        Map<Integer, ProcessUsage> now = new HashMap<>(ProcessUsage.ofSessions(leaders));
        now.replaceAll((leader, usage) -> latest.containsKey(leader) ? usage.atLeast(latest.get(leader)) : usage);
        latest = now;
    }

    /** Empty when it has no process. */
    Optional<ProcessUsage> of(DaemonStatus daemon) {
        return daemon.pid().isPresent()
                ? Optional.ofNullable(latest.get(daemon.pid().getAsInt()))
                : Optional.empty();
    }
}
