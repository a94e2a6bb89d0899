package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.AdoptedProcess;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the daemons that leave more processes outside their session with each start, which no restart ends. The kernel does not tell who has started
 * an orphan: those that are new after a death are put down to the daemon that died, and to nobody if several died. For the supervisor's thread.
 */
final class Leftovers {

    /** So many deaths in succession, each with more left than before, are said. */
    private static final int GROWTHS = 3;

    /** The living orphans known so far; null before the first death, up to which anybody may have left them. */
    private Set<Integer> known;

    private final Map<String, Set<Integer>> leftBy = new HashMap<>();
    private final Map<String, Integer> growths = new HashMap<>();
    private final Set<String> said = new HashSet<>();

    /**
     * Looks at what is left after deaths.
     *
     * @param dead the daemons that have died since the last call
     * @return the line to say, once for each daemon
     */
    Optional<OwnLine> afterDeaths(Set<String> dead, List<AdoptedProcess> adopted) {
        Set<Integer> orphans = adopted.stream()
                .filter(AdoptedProcess::orphaned)
                .map(AdoptedProcess::pid)
                .collect(Collectors.toSet());
        Set<Integer> before = known;
        known = orphans;
        if (before == null || dead.size() > 1) {
            return Optional.empty();
        }
        Set<Integer> fresh = new HashSet<>(orphans);
        fresh.removeAll(before);
        String daemon = dead.iterator().next();
        Set<Integer> left = leftBy.computeIfAbsent(daemon, _ -> new HashSet<>());
        int count = left.size();
        left.retainAll(orphans);
        left.addAll(fresh);
        int grown = left.size() > count ? growths.getOrDefault(daemon, 0) + 1 : 0;
        growths.put(daemon, grown);
        return grown >= GROWTHS && said.add(daemon)
                ? Optional.of(OwnLine.warning(daemon + " leaves processes behind: " + left.size()
                                + " that it started run outside its session")
                        .about(daemon))
                : Optional.empty();
    }
}
