package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NotifierTest extends NotifierFixture {

    @Test
    void postsTheEventsJson() throws Exception {
        try (Receiver receiver = Receiver.answering()) {
            // Given
            notifier = notifier(receiver);

            // When
            offer(1, 1);

            // Then
            awaitRequests(receiver, 1);
            assertThat(receiver.requests).containsExactly("POST /events application/cloudevents+json {\"number\":1}");
            assertThat(logged).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Notification.Type.class)
    void postsOnlyTheTypesThatMatterToTheOperator(Notification.Type type) throws Exception {
        try (Receiver receiver = Receiver.answering()) {
            // Given
            notifier = notifier(receiver);

            // When
            notifier.offer(new CloudEvent(1, "boot-1", type, Optional.of("egress"), "{\"number\":1}".getBytes(UTF_8)));
            offer(2, 2);

            // Then
            boolean notified = List.of(
                            "daemon.exited",
                            "daemon.unready",
                            "daemon.restarting",
                            "daemon.crash-looping",
                            "daemon.recovered")
                    .contains(type.word());
            awaitRequests(receiver, notified ? 2 : 1);
            assertThat(receiver.bodies()).hasSize(notified ? 2 : 1).endsWith("{\"number\":2}");
        }
    }

    @Test
    void keepsTheOrder() throws Exception {
        try (Receiver receiver = Receiver.answering()) {
            // Given
            notifier = notifier(receiver);

            // When
            offer(1, 200);

            // Then
            awaitRequests(receiver, 200);
            assertThat(receiver.bodies()).isEqualTo(numbers(1, 200));
        }
    }

    @Test
    void eventsWaitForAReceiverThatIsDown() throws Exception {
        try (Receiver receiver = Receiver.down()) {
            // Given
            notifier = notifier(receiver);
            offer(1, 50);
            long up = System.nanoTime() + Duration.ofMillis(100).toNanos();
            await().until(() -> System.nanoTime() - up >= 0);

            // When
            receiver.start();

            // Then
            awaitRequests(receiver, 50);
            assertThat(receiver.bodies()).isEqualTo(numbers(1, 50));
            assertThat(logged).isEmpty();
        }
    }

    @Test
    void theOldestBeyondTheCapacityAreDroppedAndTheirNumberIsLogged() throws Exception {
        try (Receiver receiver = Receiver.down()) {
            // Given
            notifier = notifier(receiver);
            offer(1, 1234);

            // When
            receiver.start();

            // Then: one more may have been under way
            await().atMost(20, SECONDS)
                    .until(() -> receiver.bodies().containsAll(List.of("{\"number\":235}", "{\"number\":1234}")));
            List<String> bodies = receiver.bodies();
            assertThat(bodies)
                    .endsWith(numbers(235, 1234).toArray(String[]::new))
                    .hasSizeBetween(1000, 1001);
            await().until(() -> logged.equals(List.of("cannot notify " + receiver.url() + " of "
                    + (1234 - bodies.size()) + " events: too many had to wait for it")));
        }
    }

    @Test
    void afterAStopNothingMoreIsPosted() throws Exception {
        try (Receiver receiver = Receiver.answering(Receiver.SILENCE)) {
            // Given: a request is under way
            notifier = notifier(receiver);
            offer(1, 3);
            awaitRequests(receiver, 1);

            // When
            notifier.stop();
            offer(4, 4);

            // Then
            awaitNoThread();
            assertThat(receiver.requests).hasSize(1);
            assertThat(logged).isEmpty();
        }
    }

    @Test
    void aStopEndsTheWaitForARetry() throws Exception {
        try (Receiver receiver = Receiver.answering(503)) {
            // Given
            notifier = started(new Notifier(
                    receiver.url(),
                    new Notifier.Timing(Duration.ofHours(1), Duration.ofHours(1), Duration.ofSeconds(2)),
                    logged::add));
            offer(1, 1);
            awaitRequests(receiver, 1);

            // When
            notifier.stop();

            // Then
            awaitNoThread();
            assertThat(receiver.requests).hasSize(1);
        }
    }

    @Test
    void itsThreadsAreThereOnceItHasStartedAndDeliveryNeedsNoOther() throws Exception {
        try (Receiver receiver = Receiver.answering()) {
            // Given: those of other tests end by themselves
            notifier = new Notifier(receiver.url(), QUICK, logged::add);
            await().atMost(20, SECONDS).until(() -> threads("notif") == 0);

            // When
            notifier.start();

            // Then
            assertThat(threads("notifier")).isOne();
            assertThat(threads("notify-timer")).isOne();
            offer(1, 3);
            awaitRequests(receiver, 3);
            assertThat(threads("notif")).isEqualTo(2);
            assertThat(threads("HttpClient-")).isZero();
            assertThat(threads("Keep-Alive")).isZero();
        }
    }

    @Test
    void waitsAQuarterOfASecondAtFirstAndFiveSecondsAtMost() {
        assertThat(Notifier.Timing.STANDARD)
                .isEqualTo(new Notifier.Timing(Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofSeconds(2)));
    }

    @Test
    void waitsTwiceAsLongEachTimeUpToTheLongest() throws Exception {
        try (Receiver receiver = Receiver.answering(503, 503, 503, 503)) {
            // Given
            notifier = started(new Notifier(
                    receiver.url(),
                    new Notifier.Timing(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofSeconds(2)),
                    logged::add));

            // When
            offer(1, 1);

            // Then: without the maximum, the last wait would be 400 ms
            awaitRequests(receiver, 5);
            assertThat(receiver.wait(1)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
            assertThat(receiver.wait(2)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
            assertThat(receiver.wait(3)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
            assertThat(receiver.wait(4)).isBetween(Duration.ofMillis(100), Duration.ofMillis(390));
        }
    }
}
