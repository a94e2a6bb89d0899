package dev.claudebottle.sidecar.lifecycle;

/** How often a daemon has died, by reason. */
public record Deaths(int exit, int signal, int start, int liveness) {

    static final Deaths NONE = new Deaths(0, 0, 0, 0);

    Deaths byExit(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Code _ -> new Deaths(exit + 1, signal, start, liveness);
            case ExitStatus.Killed _ -> new Deaths(exit, signal + 1, start, liveness);
        };
    }

    Deaths byStart() {
        return new Deaths(exit, signal, start + 1, liveness);
    }

    Deaths byLiveness() {
        return new Deaths(exit, signal, start, liveness + 1);
    }
}
