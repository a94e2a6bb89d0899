package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.os.Children;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A prober, and the results of its probes. */
final class ProberFixture implements AutoCloseable {

    /** A period or timeout that no test reaches. */
    static final String NEVER = "10m";

    private final BlockingQueue<Event> results = new LinkedBlockingQueue<>();
    final Prober prober;

    ProberFixture() {
        // only exec probes use children
        this(null);
    }

    ProberFixture(Children children) {
        this.prober = new Prober(children, results::add, fault -> {
            throw new AssertionError(fault);
        });
    }

    static Daemon guard(Probe.Target target, String period, String timeout) {
        return guard("guard", target, period, timeout);
    }

    static Daemon guard(String name, Probe.Target target, String period, String timeout) {
        return guard(name, Map.of(), Optional.empty(), Optional.empty(), target, period, timeout);
    }

    static Daemon guard(
            String name,
            Map<String, String> environment,
            Optional<String> directory,
            Optional<String> user,
            Probe.Target target,
            String period,
            String timeout) {
        Probe probe = new Probe(
                target,
                TimeSpan.parse(period).orElseThrow(),
                TimeSpan.parse(timeout).orElseThrow(),
                1);
        Daemon.Builder daemon = Daemon.builder(name, "/bin/true")
                .environment(environment)
                .readiness(probe)
                .liveness(probe);
        directory.ifPresent(daemon::workingDir);
        user.ifPresent(daemon::user);
        return daemon.build();
    }

    /** Runs one readiness probe, until its first result. */
    Optional<String> check(Probe.Target target, String timeout) throws InterruptedException {
        return check(guard(target, NEVER, timeout));
    }

    Optional<String> check(Daemon daemon) throws InterruptedException {
        prober.start(daemon, ProbeKind.READINESS, 1);
        Optional<String> failure = next().failure();
        prober.stop(daemon.name());
        return failure;
    }

    Event.Probed next() throws InterruptedException {
        Event result = results.poll(20, TimeUnit.SECONDS);
        assertThat(result).as("a result within 20 s").isInstanceOf(Event.Probed.class);
        return (Event.Probed) result;
    }

    boolean isEmpty() {
        return results.isEmpty();
    }

    @Override
    public void close() {
        prober.stop("guard");
    }
}
