package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.os.ProcessUsage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the daemons use of the machine, looked up when somebody asks. For one thread. */
final class DaemonUsage {

    /** By the pid of a daemon's first process, which leads its session. */
    private Map<Integer, ProcessUsage> told = Map.of();

    /**
     * Processor time never falls while a daemon's first process lives, though a process that dies takes its own along
     * until its parent has waited for it, and for ever when we reap it: to Prometheus a counter that falls has begun
     * anew, and all of it counts again.
     */
    void look(BundleState state) {
        Set<Integer> leaders = state.daemons().stream()
                .flatMapToInt(daemon -> daemon.pid().stream())
                .boxed()
                .collect(Collectors.toSet());
        Map<Integer, ProcessUsage> now = new HashMap<>(ProcessUsage.ofSessions(leaders));
        now.replaceAll((leader, usage) -> told.containsKey(leader) ? usage.atLeast(told.get(leader)) : usage);
        told = now;
    }

    /** Empty when it has no process. */
    Optional<ProcessUsage> of(DaemonStatus daemon) {
        return daemon.pid().isPresent()
                ? Optional.ofNullable(told.get(daemon.pid().getAsInt()))
                : Optional.empty();
    }
}
