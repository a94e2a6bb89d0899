package dev.claudebottle.sidecar.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which daemon depends on which. Reports unknown names and circles. */
final class Dependencies {

    private final Map<String, List<NameListType.Name>> dependencies = new LinkedHashMap<>();

    /** From the root of the search to the current daemon. */
    private final List<String> path = new ArrayList<>();

    /** For each daemon on the path, the last one first: its dependencies that have not been followed yet. */
    private final Deque<Iterator<NameListType.Name>> unfollowed = new ArrayDeque<>();

    private final Map<String, Integer> placeOnPath = new HashMap<>();
    private final Set<String> done = new HashSet<>();

    void declare(String daemon) {
        dependencies.putIfAbsent(daemon, new ArrayList<>());
    }

    void add(String daemon, List<NameListType.Name> dependsOn) {
        dependencies.get(daemon).addAll(dependsOn);
    }

    void checkNames(List<NameListType.Name> names) {
        for (NameListType.Name name : names) {
            if (!dependencies.containsKey(name.text())) {
                name.error(
                        "unknown daemon " + Printable.quoted(name.text()),
                        dependencies.keySet(),
                        "a daemon of this file");
            }
        }
    }

    /** Call it when all daemons are declared. */
    void check() {
        dependencies.values().forEach(this::checkNames);
        dependencies.keySet().forEach(this::findCirclesFrom);
    }

    /** Depth first, and without recursion because a file may chain thousands of daemons. */
    private void findCirclesFrom(String root) {
        enter(root);
        while (!unfollowed.isEmpty()) {
            if (!unfollowed.peek().hasNext()) {
                leave();
                continue;
            }
            NameListType.Name next = unfollowed.peek().next();
            Integer place = placeOnPath.get(next.text());
            if (place != null) {
                String circle = String.join(" -> ", path.subList(place, path.size())) + " -> " + next.text();
                next.error("circular: " + Printable.cut(circle), "an order in which they can start");
            } else {
                enter(next.text());
            }
        }
    }

    private void enter(String daemon) {
        if (done.add(daemon)) {
            placeOnPath.put(daemon, path.size());
            path.add(daemon);
            unfollowed.push(dependencies.getOrDefault(daemon, List.of()).iterator());
        }
    }

    private void leave() {
        unfollowed.pop();
        placeOnPath.remove(path.removeLast());
    }
}
