package dev.claudebottle.sidecar.lifecycle;

/**
 * What a daemon has been through, all of its starts together.
 *
 * @param starts launches, failed ones included
 * @param everReady it has been ready at least once
 */
record DaemonHistory(int starts, boolean everReady, Exits exits, Gaps gaps, RestartHistory restarts) {

    static final DaemonHistory NONE = new DaemonHistory(0, false, Exits.NONE, Gaps.NONE, RestartHistory.NONE);

    DaemonHistory launched() {
        return new DaemonHistory(starts + 1, everReady, exits, gaps, restarts);
    }

    DaemonHistory ready(Timestamp now) {
        return new DaemonHistory(starts, true, exits, gaps.close(now), restarts);
    }

    DaemonHistory with(Exits changed) {
        return new DaemonHistory(starts, everReady, changed, gaps, restarts);
    }

    DaemonHistory with(Gaps changed) {
        return new DaemonHistory(starts, everReady, exits, changed, restarts);
    }

    DaemonHistory with(RestartHistory changed) {
        return new DaemonHistory(starts, everReady, exits, gaps, changed);
    }
}
