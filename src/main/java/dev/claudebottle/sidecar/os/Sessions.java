package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.bundle.Signal;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Signals to whole sessions: a daemon and a probe's command lead one each. A session has one process group or more: bash's {@code set -m} and
 * job control give each child one. The group of the session's first process is signalled by one call, which needs no scan.
 */
public final class Sessions {

    /**
     * A signal that the group of a session's first process has got.
     *
     * @param daemon whose session it is
     * @param session the pid of the process that leads it, or has led it
     */
    public record Sent(String daemon, int session, Signal signal) {

        private boolean isKill() {
            return signal.equals(Signal.KILL);
        }
    }

    /** Enough for whatever does not make new groups faster than we scan. */
    private static final int MAX_ROUNDS = 10;

    private static final MemorySegment GETPGID = Libc.function("getpgid");

    private Sessions() {}

    /**
     * Sends SIGKILL to every process of a session. Its number must not be in use for anything else: its first process has not been reaped.
     */
    static void kill(int session) {
        Processes.signalGroup(session, Signal.KILL);
        signalOtherGroups(List.of(new Sent("", session, Signal.KILL)));
    }

    /**
     * Sends signals to all other groups of their sessions, in the order of the list. After a SIGKILL it scans again until nobody new is found,
     * because processes may fork, and change their group, during a scan.
     *
     * @return why it failed for daemons; a session without other groups is no failure
     */
    public static Map<String, String> signalOtherGroups(List<Sent> signals) {
        signals.stream().filter(Sent::isKill).forEach(sent -> Cgroups.kill(sent.session()));
        Set<Integer> seen = new HashSet<>();
        Map<String, String> errors = new LinkedHashMap<>();
        List<Sent> round = signals;
        for (int i = 0; i < MAX_ROUNDS && !round.isEmpty(); i++) {
            Map<Integer, Set<Integer>> groups = new HashMap<>();
            SessionScan scan = SessionScan.take();
            for (Sent sent : round) {
                for (int group : groups.computeIfAbsent(sent.session(), session -> otherGroups(scan, session, seen))) {
                    // 0 and 1 mean more than a group to kill(2)
                    String error = group > 1 ? Processes.signalGroup(group, sent.signal()) : null;
                    if (error != null) {
                        errors.putIfAbsent(sent.daemon(), error);
                    }
                }
            }
            round = round.stream()
                    .filter(sent -> sent.isKill() && !groups.get(sent.session()).isEmpty())
                    .toList();
        }
        return errors;
    }

    /** The processes of a session, and of its daemon's cgroup if there is one; zombies included. */
    static int[] members(SessionScan scan, int session) {
        int[] members = scan.members(session);
        List<Integer> held = Cgroups.members(session);
        return held.isEmpty()
                ? members
                : IntStream.concat(IntStream.of(members), held.stream().mapToInt(Integer::intValue))
                        .distinct()
                        .toArray();
    }

    /** Whether this process lives and is one of them. */
    static boolean isLiving(int session, int pid) {
        return ProcStat.isLivingIn(session, pid)
                || ProcStat.living(pid).isPresent() && Cgroups.members(session).contains(pid);
    }

    /**
     * The groups of those of its processes that are not in {@code seen}; puts them there. Of a process that has gone since the scan it is a negative
     * number: it may have forked before, so there has to be another round.
     */
    private static Set<Integer> otherGroups(SessionScan scan, int session, Set<Integer> seen) {
        Set<Integer> groups = new LinkedHashSet<>();
        for (int pid : members(scan, session)) {
            int group = seen.add(pid) ? Libc.callInt(GETPGID, pid) : session;
            if (group != session) {
                groups.add(group);
            }
        }
        return groups;
    }
}
