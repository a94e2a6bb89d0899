package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.logs.OutputTail;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PublisherTest {

    private static final OutputTail LINES = _ -> List.of("last", "words");

    private final Notifications notifications = new Notifications();
    private final List<String> requested = new ArrayList<>();
    private final List<String> logged = new CopyOnWriteArrayList<>();

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
    void anEventWhoseOutputCanNotBeHadComesWithoutItAndThatIsSaidOnce() {
        // Given: no memory for the lines of two exits
        Queue<Error> failures =
                new ConcurrentLinkedQueue<>(List.of(new OutOfMemoryError("heap"), new StackOverflowError()));
        Publisher publisher = publisher(
                _ -> {
                    if (!failures.isEmpty()) {
                        throw failures.remove();
                    }
                    return List.of("last", "words");
                },
                20);
        Notification exited = aDeath();

        // When
        for (int death = 0; death < 3; death++) {
            publisher.publish(exited);
        }

        // Then
        List<CloudEvent> events = events(publisher, 3);
        assertThat(events).extracting(CloudEvent::number).containsExactly(1L, 2L, 3L);
        assertThat(events.get(0).json()).contains("\"code\":1,").contains("\"output\":[]");
        assertThat(events.get(1).json()).contains("\"output\":[]");
        assertThat(events.get(2).json()).contains("\"output\":[\"last\",\"words\"]");
        assertThat(logged).containsExactly("cannot add output to daemon.exited (egress): heap");
    }

    @Test
    void anEventThatCanNotBeMadeIsLostAndTheNextOneIsNot() {
        // Given: no time can be formatted beyond the year 9999
        Publisher publisher = publisher(LINES, 20);
        Notification exited = aDeath();
        Notification broken = new Notification(
                exited.type(), Instant.MAX, exited.daemon(), Optional.empty(), Optional.empty(), false);

        // When
        publisher.publish(exited);
        publisher.publish(broken);
        publisher.publish(broken);
        publisher.publish(exited);

        // Then
        List<CloudEvent> events = events(publisher, 2);
        assertThat(events).extracting(event -> event.id().substring(37)).containsExactly("1", "2");
        assertThat(logged).hasSize(1).first().asString().startsWith("cannot publish daemon.exited (egress): ");
    }

    @Test
    void aListenerThatFailsEndsNothing() {
        // Given
        Publisher publisher = publisher(LINES, 20);
        publisher.log().listen(() -> {
            throw new OutOfMemoryError("none");
        });

        // When
        publisher.publish(aDeath());
        publisher.publish(aDeath());

        // Then
        assertThat(events(publisher, 2)).hasSize(2);
    }

    @Test
    void aThousandDeathsWithControlCharactersStayWithinTheBoundsOfTheLog() {
        // Given: what 16 KiB of control bytes become
        Publisher publisher = publisher(_ -> List.of("\\x01".repeat(16 * 1024)), 20);
        Notification exited = aDeath();

        // When
        for (int death = 1; death <= 1000; death++) {
            publisher.publish(exited);
            if (death % NotificationQueue.MAX_TAILS == 0) {
                long previous = death - 1;
                await().atMost(20, SECONDS)
                        .until(() -> publisher.log().after(previous).isPresent());
            }
        }

        // Then
        int size = 0;
        for (Optional<CloudEvent> next = publisher.log().after(0);
                next.isPresent();
                next = publisher.log().after(next.get().number())) {
            int event = next.get().json().getBytes(UTF_8).length;
            assertThat(event).isBetween(16_000, 17_000);
            size += event;
        }
        assertThat(size).isBetween(4_000_000, 4 * 1024 * 1024);
    }

    @Test
    void fiveHundredThatWaitMayHaveOutput() {
        // Given: its thread is not there yet
        Publisher publisher = unstarted(LINES, 20);
        for (int i = 0; i < 502; i++) {
            publisher.publish(aDeath());
        }

        // When
        publisher.start();

        // Then
        List<CloudEvent> events = events(publisher, 502);
        assertThat(requested).hasSize(500);
        assertThat(events.get(499).json()).contains("last");
        assertThat(events.get(500).json()).contains("\"output\":[]");
    }

    @Test
    void beyondTwoThousandTheOldestThatWaitAreDroppedAndThatIsSaidOnce() {
        // Given: its thread is not there yet
        Publisher publisher = unstarted(LINES, 0);
        for (int i = 0; i < 2005; i++) {
            publisher.publish(aDeath());
        }
        publish(publisher, new Event.Begin());

        // When
        publisher.start();

        // Then
        await().until(() -> logged.equals(List.of("cannot publish 6 events: too many had to wait")));
        assertThat(publisher.log().after(1999))
                .map(event -> event.type().word())
                .contains("bundle.started");
        assertThat(publisher.log().after(2000)).isEmpty();
    }

    @Test
    void theEventOfADeathHasItsPidEvenIfThatOfItsStartWasDropped() {
        // Given
        Publisher publisher = unstarted(LINES, 20);
        begin(publisher);
        for (int i = 0; i < 1999; i++) {
            publisher.publish(Notifications.as(Notification.Type.BUNDLE_READY, aDeath()));
        }

        // When
        publisher.publish(aDeath());
        publisher.start();

        // Then
        await().atMost(20, SECONDS).until(() -> publisher.log().after(1999).isPresent());
        assertThat(publisher.log().after(1999).orElseThrow().json()).contains("\"pid\":12,");
    }

    @Test
    void eachReceiverGetsAllEventsInOrderWhateverBecomesOfTheOthers() throws Exception {
        try (Receiver one = Receiver.answering();
                Receiver gone = Receiver.answering(410);
                Receiver silent = Receiver.answering(Receiver.SILENCE);
                Receiver refusing = Receiver.answering(400);
                Receiver down = Receiver.down();
                Receiver other = Receiver.answering()) {
            // Given
            Publisher publisher = notifying(one, gone, silent, refusing, down, other);

            // When
            for (int death = 0; death < 5; death++) {
                publisher.publish(aDeath());
            }

            // Then: those that are silent and down are tried again
            List<String> all =
                    events(publisher, 5).stream().map(CloudEvent::json).toList();
            NotifierFixture.awaitRequests(one, 5);
            NotifierFixture.awaitRequests(refusing, 5);
            NotifierFixture.awaitRequests(other, 5);
            assertThat(one.bodies()).isEqualTo(all);
            assertThat(refusing.bodies()).isEqualTo(all);
            assertThat(other.bodies()).isEqualTo(all);
            NotifierFixture.awaitRequests(silent, 1);
            assertThat(silent.bodies().getFirst()).isEqualTo(all.getFirst());
            await().until(() -> logged.contains(gone.url() + " answered 410; it will be notified no more"));
            assertThat(gone.bodies()).containsExactly(all.getFirst());
            down.start();
            NotifierFixture.awaitRequests(down, 5);
            NotifierFixture.awaitRequests(silent, 6);
            assertThat(down.bodies()).isEqualTo(all);
            assertThat(silent.bodies().stream().distinct()).isEqualTo(all);
            stop(publisher);
        }
    }

    @Test
    void theBacklogIsThatOfTheReceiverThatIsFurthestBehindAndEveryLossCounts() throws Exception {
        try (Receiver quick = Receiver.answering();
                Receiver refusing = Receiver.answering(400, 404);
                Receiver gone = Receiver.answering(410);
                Receiver down = Receiver.down();
                Receiver downToo = Receiver.down()) {
            // Given
            Publisher publisher = notifying(quick, refusing, gone, down, downToo);

            // When
            for (int death = 0; death < 5; death++) {
                publisher.publish(aDeath());
            }

            // Then: two refused, five that nobody wants, five that wait for each of two
            await().atMost(20, SECONDS).until(() -> publisher.delivery().equals(Optional.of(new Delivery(5, 7))));
            NotifierFixture.awaitRequests(quick, 5);
            NotifierFixture.awaitRequests(refusing, 5);
            stop(publisher);
        }
    }

    @Test
    void withoutReceiversThereIsNoDelivery() {
        assertThat(unstarted(LINES, 20).delivery()).isEmpty();
    }

    @Test
    void aStopEndsTheNotificationOfAllReceivers() throws Exception {
        try (Receiver one = Receiver.down();
                Receiver other = Receiver.down()) {
            // Given
            Publisher publisher = notifying(one, other);
            publisher.publish(aDeath());
            events(publisher, 1);

            // When
            stop(publisher);

            // Then
            NotifierFixture.awaitNoThread();
            assertThat(publisher.delivery()).contains(new Delivery(0, 0));
        }
    }

    @Test
    void itsThreadIsThereOnceItHasStarted() {
        // Given
        long before = threads();
        Publisher publisher = new Publisher(Notifications.bundle(List.of(), 20), (_, _) -> LINES, _ -> {});
        assertThat(threads()).isEqualTo(before);

        // When
        publisher.start();

        // Then
        assertThat(threads()).isEqualTo(before + 1);
    }

    private Publisher notifying(Receiver... receivers) {
        List<URI> urls = Stream.of(receivers).map(Receiver::url).toList();
        Publisher publisher = new Publisher(Notifications.bundle(urls, 20), (_, _) -> LINES, logged::add);
        publisher.start();
        return publisher;
    }

    private static void stop(Publisher publisher) {
        publisher.publish(Notifications.as(Notification.Type.BUNDLE_STOPPING, aDeath()));
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("events"))
                .count();
    }

    private Publisher publisher(OutputTail lines, int count) {
        Publisher publisher = unstarted(lines, count);
        publisher.start();
        return publisher;
    }

    private Publisher unstarted(OutputTail lines, int count) {
        return new Publisher(
                Notifications.bundle(List.of(), count),
                (daemon, wanted) -> {
                    requested.add(daemon + " " + wanted);
                    return lines;
                },
                logged::add);
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

    private static Notification aDeath() {
        Notifications other = new Notifications();
        other.of(new Event.Begin());
        other.of(new Event.Started("egress", 12));
        return other.of(Notification.Type.DAEMON_EXITED, exited());
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
