package dev.claudebottle.sidecar.lifecycle;

/** How many times a daemon has died, by cause. */
public record DeathCounts(int exit, int signal, int start, int liveness) {

    static final DeathCounts NONE = new DeathCounts(0, 0, 0, 0);

    public int of(ExitReason reason) {
        return switch (reason) {
            case EXIT -> exit;
            case SIGNAL -> signal;
            case START -> start;
            case LIVENESS -> liveness;
        };
    }

    DeathCounts plusOne(ExitReason reason) {
        return switch (reason) {
            case EXIT -> new DeathCounts(exit + 1, signal, start, liveness);
            case SIGNAL -> new DeathCounts(exit, signal + 1, start, liveness);
            case START -> new DeathCounts(exit, signal, start + 1, liveness);
            case LIVENESS -> new DeathCounts(exit, signal, start, liveness + 1);
        };
    }
}
