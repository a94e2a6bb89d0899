package dev.claudebottle.sidecar.lifecycle;

/** What the probes of the current start have shown. */
record ProbeFailures(Series readiness, Series liveness) {

    /**
     * Of one probe.
     *
     * @param failures how many times in a row it has failed
     * @param notProbed the latest one could not be sent, and that has been said
     */
    record Series(int failures, boolean notProbed) {}

    private static final Series NO_PROBE = new Series(0, false);

    static final ProbeFailures NONE = new ProbeFailures(NO_PROBE, NO_PROBE);

    Series of(ProbeKind kind) {
        return switch (kind) {
            case READINESS -> readiness;
            case LIVENESS -> liveness;
        };
    }

    ProbeFailures after(Event.Probed answer) {
        int failures = answer.failure().isPresent() ? of(answer.kind()).failures() + 1 : 0;
        return with(answer.kind(), new Series(failures, false));
    }

    ProbeFailures after(Event.NotProbed notProbed) {
        return with(notProbed.kind(), new Series(of(notProbed.kind()).failures(), true));
    }

    private ProbeFailures with(ProbeKind kind, Series series) {
        return switch (kind) {
            case READINESS -> new ProbeFailures(series, liveness);
            case LIVENESS -> new ProbeFailures(readiness, series);
        };
    }
}
