package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.os.CannotStartException;
import dev.claudebottle.sidecar.os.Children;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Passes when the probe's command exits with code 0. */
record ExecCheck(Children children, Daemon daemon, Probe.Target.Exec target) implements ProbeCheck {

    @Override
    public Optional<String> check() throws CannotStartException, ExecutionException {
        CompletableFuture<ExitStatus> end = new CompletableFuture<>();
        Runnable kill = children.startProbe(daemon, target.command(), end::complete);
        try {
            return failure(end.get());
        } catch (InterruptedException timeout) {
            kill.run();
            // waits for the end, so that two commands never run at the same time
            return failure(end.join());
        }
    }

    private static Optional<String> failure(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Code(int code) when code == 0 -> Optional.empty();
            case ExitStatus.Code(int code) -> Optional.of("exit code " + code);
            case ExitStatus.Killed killed -> Optional.of("killed by " + killed.signal());
        };
    }
}
