package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.net.SocketException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ProbeScheduleTest {

    private static final ProbeResult PASSED = new ProbeResult.Checked(Optional.empty());

    @AutoClose
    private final ProberFixture probes = new ProberFixture();

    @Test
    void thereIsOneAttemptAPeriod() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When
            long began = System.nanoTime();
            probes.prober.start(ProberFixture.guard(server.tcp(), "100ms", "5s"), ProbeKind.LIVENESS, 1);
            await().until(() -> server.accepted.get() >= 4);

            // Then: each is due a period after the previous one
            assertThat(server.times.get(3) - began).isGreaterThanOrEqualTo(290_000_000L);
        }
    }

    @Test
    void theFirstAttemptComesAtOnce() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When
            probes.prober.start(ProberFixture.guard(server.tcp(), "2m", "5s"), ProbeKind.READINESS, 1);

            // Then
            await().until(() -> server.accepted.get() == 1);
        }
    }

    @Test
    void aDaemonThatIsNotReadyIsAskedAgainLongBeforeItsPeriodIsOver() throws Exception {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
        ProbeSchedule schedule = schedule(
                () -> attempts.incrementAndGet() < 4 ? Optional.of("refused") : Optional.empty(),
                results,
                ProberFixture.NEVER,
                "5s");

        // When
        schedule.start();

        // Then
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("refused"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("refused"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("refused"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(PASSED);
        schedule.stop();
    }

    @Test
    void aDaemonThatDoesNotAnswerInTimeIsAskedAgainLongBeforeItsPeriodIsOver() throws Exception {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
        ProbeSchedule schedule = schedule(
                () -> {
                    if (attempts.incrementAndGet() == 1) {
                        new CountDownLatch(1).await();
                    }
                    return Optional.empty();
                },
                results,
                ProberFixture.NEVER,
                "20ms");

        // When
        schedule.start();

        // Then
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("no answer within 20ms"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(PASSED);
        schedule.stop();
    }

    @Test
    void aResultNamesTheDaemonTheKindAndTheStart() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            Daemon daemon = ProberFixture.guard(server.tcp(), ProberFixture.NEVER, "5s");

            // When / Then
            probes.prober.start(daemon, ProbeKind.READINESS, 7);
            assertThat(probes.next()).isEqualTo(new Event.Probed("guard", ProbeKind.READINESS, 7, Optional.empty()));
            probes.prober.start(daemon, ProbeKind.LIVENESS, 8);
            assertThat(probes.next()).isEqualTo(new Event.Probed("guard", ProbeKind.LIVENESS, 8, Optional.empty()));
        }
    }

    @Test
    void aTargetThatHangsIsNeverCheckedTwiceAtATime() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When: due ten times in each timeout
            probes.prober.start(ProberFixture.guard(server.http(), "10ms", "100ms"), ProbeKind.LIVENESS, 1);

            // Then
            for (int i = 0; i < 5; i++) {
                assertThat(probes.next().failure()).contains("no answer within 100ms");
            }
            probes.prober.stop("guard");
            await().until(() -> server.open.get() == 0);
            assertThat(server.accepted.get()).isBetween(5, 7);
            // the server may accept a connection before it sees the end of the previous one
            assertThat(server.mostOpen.get()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void theNextAttemptWaitsForTheEndOfTheLastEvenAfterItsTimeout() throws Exception {
        // Given: a check that an interrupt doesn't end
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        ProbeCheck uninterruptible = () -> {
            attempts.incrementAndGet();
            boolean done = false;
            while (!done) {
                try {
                    end.await();
                    done = true;
                } catch (InterruptedException ignored) {
                    // as in a system call
                }
            }
            return Optional.empty();
        };
        BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
        ProbeSchedule schedule = schedule(uninterruptible, results);

        // When
        schedule.start();

        // Then
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("no answer within 20ms"));
        await().during(Duration.ofMillis(100)).until(() -> attempts.get() == 1 && results.isEmpty());
        end.countDown();
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(PASSED);
        schedule.stop();
    }

    @Test
    void whateverIsThrownIsAFailureAndTheScheduleGoesOn() throws Exception {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
        ProbeSchedule schedule = schedule(
                () -> {
                    switch (attempts.incrementAndGet()) {
                        case 1 -> throw new StackOverflowError();
                        case 2 -> throw new IllegalStateException("two\n lines\u001b of\t\twords");
                        case 3 -> throw new LinkageError("w".repeat(10_000));
                        default -> {
                            return Optional.empty();
                        }
                    }
                },
                results);

        // When
        schedule.start();

        // Then
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("StackOverflowError"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("two lines of words"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("w".repeat(200) + "..."));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(PASSED);
        schedule.stop();
    }

    @Test
    void aStopDropsTheResultAndAbandonsTheAttempt() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            probes.prober.start(ProberFixture.guard(server.http(), "10ms", "200ms"), ProbeKind.READINESS, 1);
            await().until(() -> server.open.get() == 1);

            // When
            probes.prober.stop("guard");

            // Then
            await().until(() -> server.open.get() == 0);
            await().during(Duration.ofMillis(300)).until(() -> server.accepted.get() == 1);
            assertThat(probes.isEmpty()).isTrue();
        }
    }

    @Test
    void aStopEndsBothKindsOfThisDaemonOnly() throws Exception {
        // Given
        try (TestServer own = TestServer.silent();
                TestServer others = TestServer.silent()) {
            Daemon daemon = ProberFixture.guard(own.http(), "10ms", ProberFixture.NEVER);
            probes.prober.start(daemon, ProbeKind.READINESS, 1);
            probes.prober.start(daemon, ProbeKind.LIVENESS, 1);
            probes.prober.start(
                    ProberFixture.guard("other", others.http(), "10ms", ProberFixture.NEVER), ProbeKind.LIVENESS, 1);
            await().until(() -> own.open.get() == 2 && others.open.get() == 1);

            // When
            probes.prober.stop("guard");
            probes.prober.stop("nobody");

            // Then
            await().until(() -> own.open.get() == 0);
            assertThat(others.open).hasValue(1);
            probes.prober.stop("other");
            await().until(() -> others.open.get() == 0);
        }
    }

    @Test
    void aNewStartReplacesThePreviousOne() throws Exception {
        // Given
        try (TestServer silent = TestServer.silent();
                TestServer server = TestServer.silent()) {
            probes.prober.start(
                    ProberFixture.guard(silent.http(), "10ms", ProberFixture.NEVER), ProbeKind.READINESS, 1);
            await().until(() -> silent.open.get() == 1);

            // When
            probes.prober.start(ProberFixture.guard(server.tcp(), ProberFixture.NEVER, "5s"), ProbeKind.READINESS, 2);

            // Then
            assertThat(probes.next().start()).isEqualTo(2);
            await().until(() -> silent.open.get() == 0);
        }
    }

    @Test
    void aShortageIsNoFailureAndTheScheduleGoesOn() throws Exception {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        BlockingQueue<ProbeResult> results = new LinkedBlockingQueue<>();
        ProbeSchedule schedule = schedule(
                () -> {
                    switch (attempts.incrementAndGet()) {
                        case 1 -> throw new OutOfMemoryError("unable to create native thread");
                        case 2 -> throw new SocketException("Too many open files");
                        case 3 -> throw new SocketException("Connection reset");
                        default -> {
                            return Optional.empty();
                        }
                    }
                },
                results);

        // When
        schedule.start();

        // Then
        assertThat(results.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new ProbeResult.NotChecked("unable to create native thread"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(new ProbeResult.NotChecked("Too many open files"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(failed("Connection reset"));
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo(PASSED);
        schedule.stop();
    }

    private static ProbeResult failed(String failure) {
        return new ProbeResult.Checked(Optional.of(failure));
    }

    private static ProbeSchedule schedule(ProbeCheck check, BlockingQueue<ProbeResult> results) {
        return schedule(check, results, "1ms", "20ms");
    }

    private static ProbeSchedule schedule(
            ProbeCheck check, BlockingQueue<ProbeResult> results, String period, String timeout) {
        Consumer<Throwable> noFault = fault -> {
            throw new AssertionError(fault);
        };
        Probe probe = new Probe(
                new Probe.Target.Tcp("127.0.0.1", 1),
                TimeSpan.parse(period).orElseThrow(),
                TimeSpan.parse(timeout).orElseThrow(),
                1);
        return new ProbeSchedule(check, probe, ProbeKind.READINESS, new ProbeClock(noFault), results::add, noFault);
    }
}
