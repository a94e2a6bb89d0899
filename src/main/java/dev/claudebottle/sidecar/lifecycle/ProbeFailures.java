package dev.claudebottle.sidecar.lifecycle;

/**
 * How many times in a row each probe of the current start has failed.
 *
 * @param notProbed the latest probe could not be sent, and that has been said
 */
record ProbeFailures(int readiness, int liveness, boolean notProbed) {

    static final ProbeFailures NONE = new ProbeFailures(0, 0, false);

    ProbeFailures after(Event.Probed answer) {
        return switch (answer.kind()) {
            case READINESS -> new ProbeFailures(next(readiness, answer), liveness, false);
            case LIVENESS -> new ProbeFailures(readiness, next(liveness, answer), false);
        };
    }

    ProbeFailures withoutProbe() {
        return new ProbeFailures(readiness, liveness, true);
    }

    private static int next(int failures, Event.Probed answer) {
        return answer.failure().isPresent() ? failures + 1 : 0;
    }
}
