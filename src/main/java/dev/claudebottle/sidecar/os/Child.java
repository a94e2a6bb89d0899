package dev.claudebottle.sidecar.os;

import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.util.function.Consumer;

/** A child process that we started. */
sealed interface Child {

    record Daemon(String daemon) implements Child {}

    /** @param onExit called once with the status of the probe's command */
    record Probe(Consumer<ExitStatus> onExit) implements Child {}
}
