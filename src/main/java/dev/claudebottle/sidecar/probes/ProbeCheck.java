package dev.claudebottle.sidecar.probes;

import java.util.Optional;

/** The check that a probe repeats. */
@FunctionalInterface
interface ProbeCheck {

    /**
     * Checks once, on a virtual thread. It needs no timeout of its own: the caller interrupts it, and it returns or throws
     * soon after that.
     *
     * @return why the check failed, in a few words; empty when it passed
     * @throws Exception a failed check as well
     */
    Optional<String> check() throws Exception;
}
