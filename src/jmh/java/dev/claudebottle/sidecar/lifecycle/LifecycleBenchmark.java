package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One step of the state machine. A step is a pure function, so every call starts from the same state. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"})
public class LifecycleBenchmark {

    private static final Timestamp NOW = new Timestamp(1_000_000_000L, Instant.EPOCH);
    private static final String DAEMON = "d0";

    @Param({"4", "400"})
    int daemons;

    private BundleState running;

    @Setup
    public void setUp() {
        Bundle bundle = BuiltInBundle.get()
                .withDaemons(IntStream.range(0, daemons)
                        .mapToObj(number -> Daemon.of("d" + number, "true"))
                        .toList());
        running = Lifecycle.step(BundleState.initial(bundle, 1), new Event.Begin(), NOW)
                .state();
        for (int number = 0; number < daemons; number++) {
            running = Lifecycle.step(running, new Event.Started("d" + number, 100 + number), NOW)
                    .state();
        }
        if (!running.ready()) {
            throw new IllegalStateException("not ready: " + running);
        }
    }

    /** The most frequent event: a probe passes again. */
    @Benchmark
    public Lifecycle.Step probePassed() {
        return Lifecycle.step(running, new Event.Probed(DAEMON, ProbeKind.LIVENESS, 1, Optional.empty()), NOW);
    }

    @Benchmark
    public Lifecycle.Step death() {
        return Lifecycle.step(running, new Event.Exited(DAEMON, new ExitStatus.Code(1), false, null), NOW);
    }

    @Benchmark
    public Object deadline() {
        return running.deadline();
    }
}
