package dev.claudebottle.sidecar.lifecycle;

/**
 * What a daemon has been through, all of its starts together.
 *
 * @param starts launches, failed ones included
 * @param everReady it has been ready at least once
 * @param outputHeld so much output of its dead starts waits for stdout that its next start waits as well
 */
record DaemonHistory(
        int starts, boolean everReady, Exits exits, Gaps gaps, RestartHistory restarts, boolean outputHeld) {

    static final DaemonHistory NONE = new DaemonHistory(0, false, Exits.NONE, Gaps.NONE, RestartHistory.NONE, false);

    DaemonHistory launched() {
        return new DaemonHistory(starts + 1, everReady, exits, gaps, restarts, outputHeld);
    }

    DaemonHistory ready(Timestamp now) {
        return new DaemonHistory(starts, true, exits, gaps.close(now), restarts, outputHeld);
    }

    DaemonHistory with(Exits changed) {
        return new DaemonHistory(starts, everReady, changed, gaps, restarts, outputHeld);
    }

    DaemonHistory with(Gaps changed) {
        return new DaemonHistory(starts, everReady, exits, changed, restarts, outputHeld);
    }

    DaemonHistory with(RestartHistory changed) {
        return new DaemonHistory(starts, everReady, exits, gaps, changed, outputHeld);
    }

    DaemonHistory withOutputHeld(boolean held) {
        return new DaemonHistory(starts, everReady, exits, gaps, restarts, held);
    }
}
