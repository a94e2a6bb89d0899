package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.util.function.Consumer;

/** What we have started under a pid. */
sealed interface Child {

    /** A daemon. */
    record Daemon(String daemon) implements Child {}

    /** A probe's command, and who wants to know how it ended. */
    record Probe(Consumer<ExitStatus> ended) implements Child {}
}
