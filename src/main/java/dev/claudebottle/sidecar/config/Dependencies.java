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

/** Which daemon needs which; finds names that don't exist and circles. */
final class Dependencies {

    private final Map<String, List<NameListType.Name>> needs = new LinkedHashMap<>();

    /** The way from a root to the daemon at hand, each with what it needs and we have not followed yet. */
    private final Deque<Iterator<NameListType.Name>> ahead = new ArrayDeque<>();

    private final List<String> path = new ArrayList<>();
    private final Map<String, Integer> placeOnPath = new HashMap<>();
    private final Set<String> done = new HashSet<>();

    void declare(String daemon) {
        needs.putIfAbsent(daemon, new ArrayList<>());
    }

    void add(String daemon, List<NameListType.Name> dependsOn) {
        needs.get(daemon).addAll(dependsOn);
    }

    void checkNames(List<NameListType.Name> names) {
        for (NameListType.Name name : names) {
            if (!needs.containsKey(name.text())) {
                name.error("unknown daemon " + Printable.quoted(name.text()), "a daemon of this file");
            }
        }
    }

    /** After all daemons are declared. */
    void check() {
        needs.values().forEach(this::checkNames);
        needs.keySet().forEach(this::findCirclesFrom);
    }

    /** Depth first, without recursion: a file may chain thousands of daemons. */
    private void findCirclesFrom(String root) {
        enter(root);
        while (!ahead.isEmpty()) {
            if (!ahead.peek().hasNext()) {
                leave();
                continue;
            }
            NameListType.Name next = ahead.peek().next();
            Integer place = placeOnPath.get(next.text());
            if (place != null) {
                String circle = String.join(" -> ", path.subList(place, path.size())) + " -> " + next.text();
                next.error("circular: " + Printable.cut(circle), "no circle");
            } else {
                enter(next.text());
            }
        }
    }

    private void enter(String daemon) {
        if (done.add(daemon)) {
            placeOnPath.put(daemon, path.size());
            path.add(daemon);
            ahead.push(needs.getOrDefault(daemon, List.of()).iterator());
        }
    }

    private void leave() {
        ahead.pop();
        placeOnPath.remove(path.removeLast());
    }
}
