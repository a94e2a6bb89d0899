package dev.claudebottle.sidecar.probes;

import java.util.Optional;

/** What came of one attempt. */
sealed interface ProbeResult {

    /** @param failure why the check failed; empty: it passed */
    record Checked(Optional<String> failure) implements ProbeResult {}

    /**
     * The check could not be made, because this machine has no thread, process, descriptor or memory left.
     *
     * @param cause what is missing
     */
    record NotChecked(String cause) implements ProbeResult {}
}
