package dev.claudebottle.sidecar.os;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds out whether sessions of dead daemons still have a living process. It remembers one of each session, so that as long as this one lives no
 * other has to be looked at. For one thread.
 */
public final class SessionWatch {

    /** A process of a session that lived when it was last looked at. */
    private final Map<Integer, Integer> witnesses = new HashMap<>();

    /** Makes what {@link #isLeft} needs, which the first call would otherwise do. */
    public void prepare() {
        SessionScan.take();
    }

    /**
     * Whether a process of this session lives. Zombies don't count: their parent may never reap them.
     *
     * @param since a {@link System#nanoTime} at which the session's first process was dead; a scan that began later, for whatever reason, serves
     */
    public boolean isLeft(int session, long since) {
        Integer witness = witnesses.get(session);
        if (witness != null && Sessions.isLiving(session, witness)) {
            return true;
        }
        witnesses.remove(session);
        if (!SessionScan.isPossible()) {
            return Processes.groupExists(session);
        }
        int[] known = {};
        int[] members = others(SessionScan.since(since), session);
        while (!Arrays.equals(members, known)) {
            for (int pid : members) {
                if (Sessions.isLiving(session, pid)) {
                    witnesses.put(session, pid);
                    return true;
                }
            }
            // they may have died after the scan, and forked before
            known = members;
            members = others(SessionScan.take(), session);
        }
        return false;
    }

    /** Without the session's first process, which is dead. */
    private static int[] others(SessionScan scan, int session) {
        return Arrays.stream(Sessions.members(scan, session))
                .filter(pid -> pid != session)
                .toArray();
    }
}
