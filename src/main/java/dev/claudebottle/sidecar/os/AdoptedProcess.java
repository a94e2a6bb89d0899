package dev.claudebottle.sidecar.os;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A living process that descends from us and is in no session of a daemon or a probe: it, or one that it descends from, has called setsid(2), and no
 * daemon's cgroup holds it. What has entered the container from outside (docker exec) does not descend from us.
 *
 * @param orphaned no living process of these sessions has started it; it, or one that it descends from, has become our child
 */
public record AdoptedProcess(int pid, boolean orphaned) {

    /**
     * All of them; one pass over /proc.
     *
     * @param sessions of daemons and probes; asked for after the pass, so that a process that is just being started is known by then
     */
    public static List<AdoptedProcess> find(Supplier<Set<Integer>> sessions) {
        SessionScan scan = SessionScan.take();
        Set<Integer> known = sessions.get();
        Set<Integer> held = Cgroups.allMembers();
        Map<Integer, Integer> parents = new HashMap<>();
        for (int pid : scan.outside(known)) {
            if (pid != Processes.self() && !held.contains(pid)) {
                ProcStat.living(pid)
                        .filter(process -> !known.contains(process.session()))
                        .ifPresent(process -> parents.put(pid, process.parent()));
            }
        }
        List<AdoptedProcess> adopted = new ArrayList<>();
        for (int pid : parents.keySet()) {
            int ancestor = pid;
            // a number that was reused during the pass could close a circle
            for (int i = 0; i < parents.size() && parents.containsKey(ancestor); i++) {
                ancestor = parents.get(ancestor);
            }
            if (ancestor == Processes.self()) {
                adopted.add(new AdoptedProcess(pid, true));
            } else if (ProcStat.living(ancestor)
                    .filter(process -> known.contains(process.session()))
                    .isPresent()) {
                adopted.add(new AdoptedProcess(pid, false));
            }
        }
        return adopted;
    }
}
