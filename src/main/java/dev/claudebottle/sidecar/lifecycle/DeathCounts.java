package dev.claudebottle.sidecar.lifecycle;

/** How many times a daemon has died, by cause. */
public record DeathCounts(int exit, int signal, int start, int liveness) {

    static final DeathCounts NONE = new DeathCounts(0, 0, 0, 0);

    DeathCounts byExit(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Code _ -> new DeathCounts(exit + 1, signal, start, liveness);
            case ExitStatus.Killed _ -> new DeathCounts(exit, signal + 1, start, liveness);
        };
    }

    DeathCounts byStart() {
        return new DeathCounts(exit, signal, start + 1, liveness);
    }

    DeathCounts byLiveness() {
        return new DeathCounts(exit, signal, start, liveness + 1);
    }
}
