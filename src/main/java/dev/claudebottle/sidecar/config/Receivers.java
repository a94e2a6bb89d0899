package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is notified: those of the bundle file, or else {@code supervise}; and the sink of our environment. */
final class Receivers {

    /** All together: each has two threads and a queue of its own (decision 0034). */
    static final int MOST = 8;

    /** Where Knative's SinkBinding wants a workload to send its events. */
    static final String SINK = "K_SINK";

    /** Where {@code supervise} listens, the guard that notifies the operator. */
    private static final URI SUPERVISE = URI.create("http://127.0.0.1:9100/events");

    private Receivers() {}

    /**
     * Empty when there is none, or after an error.
     *
     * @param ofFile with which it has to share the number of receivers
     */
    static Optional<URI> sink(Map<String, String> environment, List<URI> ofFile, ConfigErrors errors) {
        String text = environment.getOrDefault(SINK, "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<URI> sink = UrlType.HTTP.read(text, (problem, expected) -> errors.in(SINK, problem, expected));
        if (sink.isPresent() && together(ofFile, sink).size() > MOST) {
            errors.in(SINK, "one more than " + MOST + " URLs", "at most " + MOST + ", those of notify.urls included");
        }
        return sink;
    }

    static List<URI> of(List<URI> ofFile, List<Daemon> selected, Optional<URI> sink) {
        boolean supervised = selected.stream().anyMatch(daemon -> daemon.name().equals("supervise"));
        return together(ofFile.isEmpty() && supervised ? List.of(SUPERVISE) : ofFile, sink);
    }

    /** A sink that is among them already adds none. */
    private static List<URI> together(List<URI> urls, Optional<URI> sink) {
        if (sink.isEmpty() || urls.contains(sink.get())) {
            return urls;
        }
        List<URI> all = new ArrayList<>(urls);
        all.add(sink.get());
        return all;
    }
}
