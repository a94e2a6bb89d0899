package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A bundle to search, and what its environment may do besides the events that every bundle gets.
 *
 * @param ends how a first process may end
 */
record SearchedBundle(String name, Bundle bundle, List<ExitStatus> ends, Set<Feature> features) {

    enum Feature {
        /** Other processes of a session may outlive its first one. */
        SESSIONS_LEFT,
        /** Stdout may be blocked. */
        OUTPUT_HELD,
        /** The operator may ask for restarts. */
        RESTARTS_ASKED,
        /** We may not run for a while. */
        PAUSES,
        /** Answers of probes may come after the probes were stopped, and probes may not be sent. */
        ODD_ANSWERS
    }

    static SearchedBundle of(String name, Bundle bundle, Feature... features) {
        Set<Feature> set = EnumSet.noneOf(Feature.class);
        set.addAll(List.of(features));
        return new SearchedBundle(name, bundle, List.of(new ExitStatus.Code(1)), set);
    }

    SearchedBundle ending(ExitStatus... statuses) {
        return new SearchedBundle(name, bundle, List.of(statuses), features);
    }

    boolean may(Feature feature) {
        return features.contains(feature);
    }

    static RestartPolicy restartOf(Bundle bundle, Daemon daemon) {
        return bundle.restart();
    }

    @Override
    public String toString() {
        return name;
    }
}
