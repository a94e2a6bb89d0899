package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ProbeScheduleTest {

    @AutoClose
    private final ProberFixture probes = new ProberFixture();

    @Test
    void oneAskingComesAPeriod() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When
            long began = System.nanoTime();
            probes.prober.start(ProberFixture.guard(server.tcp(), "100ms", "5s"), ProbeKind.READINESS, 1);
            await().until(() -> server.accepted.get() >= 4);

            // Then: each is due a period after the one before
            assertThat(server.times.get(3) - began).isGreaterThanOrEqualTo(290_000_000L);
        }
    }

    @Test
    void theFirstAskingIsNotAPeriodAway() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            // When
            probes.prober.start(ProberFixture.guard(server.tcp(), "2m", "5s"), ProbeKind.READINESS, 1);

            // Then
            await().until(() -> server.accepted.get() == 1);
        }
    }

    @Test
    void anAnswerCarriesTheDaemonTheKindAndTheStart() throws Exception {
        // Given
        try (TestServer server = TestServer.silent()) {
            Daemon daemon = ProberFixture.guard(server.tcp(), ProberFixture.NEVER, "5s");

            // When, Then
            probes.prober.start(daemon, ProbeKind.READINESS, 7);
            assertThat(probes.next()).isEqualTo(new Event.Probed("guard", ProbeKind.READINESS, 7, Optional.empty()));
            probes.prober.start(daemon, ProbeKind.LIVENESS, 8);
            assertThat(probes.next()).isEqualTo(new Event.Probed("guard", ProbeKind.LIVENESS, 8, Optional.empty()));
        }
    }

    @Test
    void aTargetThatHangsIsNeverAskedTwiceAtATime() throws Exception {
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
            // the server may accept the next before it has seen the end of the last
            assertThat(server.mostOpen.get()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void theNextIsNotAskedBeforeTheLastHasEndedThoughItsAnswerIsOut() throws Exception {
        // Given: one that an interrupt doesn't end
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        ProbeCheck stubborn = () -> {
            asked.incrementAndGet();
            boolean over = false;
            while (!over) {
                try {
                    end.await();
                    over = true;
                } catch (InterruptedException ignored) {
                    // as a system call would
                }
            }
            return Optional.empty();
        };
        BlockingQueue<Optional<String>> heard = new LinkedBlockingQueue<>();
        ProbeSchedule series = series(stubborn, heard);

        // When
        series.begin();

        // Then
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("no answer within 20ms");
        await().during(Duration.ofMillis(100)).until(() -> asked.get() == 1 && heard.isEmpty());
        end.countDown();
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEmpty();
        series.stop();
    }

    @Test
    void whateverIsThrownIsAFailureAndTheSeriesGoesOn() throws Exception {
        // Given
        AtomicInteger asked = new AtomicInteger();
        BlockingQueue<Optional<String>> heard = new LinkedBlockingQueue<>();
        ProbeSchedule series = series(
                () -> {
                    switch (asked.incrementAndGet()) {
                        case 1 -> throw new StackOverflowError();
                        case 2 -> throw new IllegalStateException("two\n lines\u001b of\t\twords");
                        case 3 -> throw new LinkageError("w".repeat(10_000));
                        default -> {
                            return Optional.empty();
                        }
                    }
                },
                heard);

        // When
        series.begin();

        // Then
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("StackOverflowError");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("two lines of words");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("w".repeat(200) + "...");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEmpty();
        series.stop();
    }

    @Test
    void aStopDropsTheAnswerAndGivesUpTheAsking() throws Exception {
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
    void aStopEndsBothKindsAndNoOtherDaemons() throws Exception {
        // Given
        try (TestServer mine = TestServer.silent();
                TestServer others = TestServer.silent()) {
            Daemon daemon = ProberFixture.guard(mine.http(), "10ms", ProberFixture.NEVER);
            probes.prober.start(daemon, ProbeKind.READINESS, 1);
            probes.prober.start(daemon, ProbeKind.LIVENESS, 1);
            probes.prober.start(
                    ProberFixture.guard("other", others.http(), "10ms", ProberFixture.NEVER), ProbeKind.LIVENESS, 1);
            await().until(() -> mine.open.get() == 2 && others.open.get() == 1);

            // When
            probes.prober.stop("guard");
            probes.prober.stop("nobody");

            // Then
            await().until(() -> mine.open.get() == 0);
            assertThat(others.open).hasValue(1);
            probes.prober.stop("other");
            await().until(() -> others.open.get() == 0);
        }
    }

    @Test
    void aNewStartTakesThePlaceOfTheLast() throws Exception {
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

    private static ProbeSchedule series(ProbeCheck question, BlockingQueue<Optional<String>> heard) {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        Probe probe = new Probe(
                new Probe.Target.Tcp("127.0.0.1", 1),
                TimeSpan.parse("1ms").orElseThrow(),
                TimeSpan.parse("20ms").orElseThrow(),
                1);
        return new ProbeSchedule(question, probe, clock, heard::add);
    }
}
