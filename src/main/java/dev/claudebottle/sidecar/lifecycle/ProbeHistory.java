package dev.claudebottle.sidecar.lifecycle;

import java.util.Optional;

/** What the probes of the current start have shown. */
record ProbeHistory(Series readiness, Series liveness) {

    /**
     * Of one probe.
     *
     * @param failures how many times in a row it has failed
     * @param notProbed the latest one could not be sent, and that has been said
     * @param last empty: it has not been answered yet
     */
    record Series(int failures, boolean notProbed, Optional<ProbeAnswer> last) {}

    private static final Series NO_PROBE = new Series(0, false, Optional.empty());

    static final ProbeHistory NONE = new ProbeHistory(NO_PROBE, NO_PROBE);

    Series of(ProbeKind kind) {
        return switch (kind) {
            case READINESS -> readiness;
            case LIVENESS -> liveness;
        };
    }

    ProbeHistory after(Event.Probed answer, Timestamp now) {
        int failures = answer.failure().isPresent() ? of(answer.kind()).failures() + 1 : 0;
        ProbeAnswer last = new ProbeAnswer(answer.failure(), now.utc());
        return with(answer.kind(), new Series(failures, false, Optional.of(last)));
    }

    ProbeHistory after(Event.NotProbed notProbed) {
        Series before = of(notProbed.kind());
        return with(notProbed.kind(), new Series(before.failures(), true, before.last()));
    }

    private ProbeHistory with(ProbeKind kind, Series series) {
        return switch (kind) {
            case READINESS -> new ProbeHistory(series, liveness);
            case LIVENESS -> new ProbeHistory(readiness, series);
        };
    }
}
