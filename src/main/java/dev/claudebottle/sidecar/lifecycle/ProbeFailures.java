package dev.claudebottle.sidecar.lifecycle;

/** How many times in a row each probe of the current start has failed. */
record ProbeFailures(int readiness, int liveness) {

    static final ProbeFailures NONE = new ProbeFailures(0, 0);

    ProbeFailures after(Event.Probed answer) {
        return switch (answer.kind()) {
            case READINESS -> new ProbeFailures(next(readiness, answer), liveness);
            case LIVENESS -> new ProbeFailures(readiness, next(liveness, answer));
        };
    }

    private static int next(int failures, Event.Probed answer) {
        return answer.failure().isPresent() ? failures + 1 : 0;
    }
}
