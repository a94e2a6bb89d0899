package dev.claudebottle.sidecar.events;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.logs.OutputTail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PublisherTest {

    private static final OutputTail LINES = _ -> List.of("last", "words");

    private final Notifications notifications = new Notifications();
    private final List<String> requested = new ArrayList<>();

    @Test
    void eventsHaveTheOrderOfTheNotifications() {
        // Given
        Publisher publisher = publisher(LINES, 20);

        // When
        runToTheEnd(publisher);

        // Then
        assertThat(events(publisher, 8))
                .extracting(event -> event.type().word())
                .containsExactly(
                        "bundle.started",
                        "daemon.started",
                        "daemon.ready",
                        "bundle.ready",
                        "daemon.exited",
                        "daemon.restarting",
                        "bundle.stopping",
                        "daemon.exited");
    }

    @Test
    void idsAreAUuidOfThisRunAndANumber() {
        // Given
        Publisher publisher = publisher(LINES, 20);

        // When
        runToTheEnd(publisher);

        // Then
        List<CloudEvent> events = events(publisher, 8);
        String boot = events.getFirst().id().substring(0, 36);
        assertThat(boot).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        assertThat(events).extracting(CloudEvent::id).allMatch(id -> id.startsWith(boot + "-"));
        assertThat(events).extracting(event -> event.id().substring(37)).first().isEqualTo("1");
        assertThat(events.getLast().id()).endsWith("-8");
    }

    @Test
    void anExitHasTheLastLinesAndThePidOfWhatExited() {
        // Given
        Publisher publisher = publisher(LINES, 7);

        // When
        begin(publisher);
        publish(publisher, exited());

        // Then
        assertThat(requested).containsExactly("egress 7");
        assertThat(events(publisher, 6).get(4).json())
                .contains("\"pid\":12,\"code\":1,")
                .contains("\"output\":[\"last\",\"words\"]");
        assertThat(events(publisher, 6).get(5).json()).contains("\"pid\":null,\"code\":1,");
    }

    @Test
    void withoutOutputLinesNoneAreRequested() {
        // Given
        Publisher publisher = publisher(LINES, 0);

        // When
        begin(publisher);
        publish(publisher, exited());

        // Then
        assertThat(events(publisher, 6).get(4).json()).contains("\"output\":[]");
        assertThat(requested).isEmpty();
    }

    @Test
    void aFailedStartHasNoLinesOfThePreviousStart() {
        // Given
        Publisher publisher = publisher(LINES, 20);

        // When
        publish(publisher, new Event.Begin());
        publish(publisher, new Event.StartFailed("egress", 127, "/bin/egress", "No such file or directory"));

        // Then
        assertThat(events(publisher, 2).get(1).json()).contains("\"pid\":null").contains("\"output\":[]");
        assertThat(requested).isEmpty();
    }

    @Test
    void missingLastWordsAreAwaitedForAHundredMilliseconds() {
        // Given
        CountDownLatch never = new CountDownLatch(1);
        Publisher publisher = publisher(
                deadline -> {
                    var _ = never.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return List.of("so far");
                },
                20);
        begin(publisher);
        events(publisher, 4);
        long begin = System.nanoTime();

        // When
        publish(publisher, exited());

        // Then
        assertThat(events(publisher, 6).get(4).json()).contains("\"output\":[\"so far\"]");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void noThreadStartsBeforeTheFirstNotification() {
        // Given
        long before = threads();

        // When
        Publisher publisher = publisher(LINES, 20);

        // Then
        assertThat(threads()).isEqualTo(before);
        publish(publisher, new Event.Begin());
        events(publisher, 1);
        assertThat(threads()).isEqualTo(before + 1);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("events"))
                .count();
    }

    private Publisher publisher(OutputTail lines, int count) {
        return new Publisher(
                Notifications.bundle(Optional.empty(), count),
                (daemon, wanted) -> {
                    requested.add(daemon + " " + wanted);
                    return lines;
                },
                line -> {});
    }

    private void runToTheEnd(Publisher publisher) {
        begin(publisher);
        publish(publisher, exited());
        publish(publisher, new Event.StopRequested(Signal.TERM));
        publisher.publish(exitedInStop());
    }

    private void begin(Publisher publisher) {
        publish(publisher, new Event.Begin());
        publish(publisher, new Event.Started("egress", 12));
    }

    private void publish(Publisher publisher, Event event) {
        notifications.of(event).forEach(publisher::publish);
    }

    private static Event exited() {
        return new Event.Exited("egress", new ExitStatus.Code(1), false, null);
    }

    private static Notification exitedInStop() {
        Notifications other = new Notifications();
        other.of(new Event.Begin());
        other.of(new Event.Started("egress", 12));
        other.of(new Event.StopRequested(Signal.TERM));
        return other.of(Notification.Type.DAEMON_EXITED, exited());
    }

    private static List<CloudEvent> events(Publisher publisher, int count) {
        await().atMost(20, SECONDS)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> publisher.log().after(count - 1L).isPresent());
        List<CloudEvent> events = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            events.add(publisher.log().after(number).orElseThrow());
        }
        return events;
    }
}
