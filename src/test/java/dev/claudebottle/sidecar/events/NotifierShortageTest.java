package dev.claudebottle.sidecar.events;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.SocketException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A notifier that lacks what a request needs goes on as soon as it has it again. */
class NotifierShortageTest extends NotifierFixture {

    private static final URI URL = URI.create("http://127.0.0.1:9100/events");

    static Stream<Throwable> shortages() {
        return Stream.of(
                new SocketException("Too many open files"),
                new OutOfMemoryError("unable to create native thread"),
                new NoClassDefFoundError("Could not initialize class java.net.Socket"),
                new IllegalStateException("broken"));
    }

    @ParameterizedTest
    @MethodSource("shortages")
    void isSaidOnceAndTriedAgainUntilTheEventsAreDeliveredInOrder(Throwable shortage) {
        // Given
        FakeSender sender = new FakeSender(shortage, shortage, shortage);
        notifier = started(new Notifier(URL, QUICK, logged::add, sender));

        // When
        offer(1, 3);

        // Then
        sender.awaitPosted(3);
        assertThat(sender.posted).containsExactly(1L, 2L, 3L);
        assertThat(logged)
                .containsExactly(
                        "cannot notify http://127.0.0.1:9100/events: " + shortage.getMessage() + "; trying again");
    }

    @Test
    void isSaidAgainOnlyAfterADelivery() {
        // Given: a connection error is no delivery
        Error shortage = new OutOfMemoryError("none");
        FakeSender sender = new FakeSender(shortage, null, shortage, 503, shortage, 204, shortage);
        notifier = started(new Notifier(URL, QUICK, logged::add, sender));

        // When
        offer(1, 2);

        // Then
        sender.awaitPosted(2);
        assertThat(logged).hasSize(2).allMatch(line -> line.endsWith(": none; trying again"));
    }

    @Test
    void aShortageThatCanNotEvenBeSaidEndsNothing() {
        // Given
        FakeSender sender = new FakeSender(new OutOfMemoryError("none"), new OutOfMemoryError("still none"));
        Queue<Error> noLines = new ArrayDeque<>(List.of(new OutOfMemoryError("no line")));
        notifier = started(new Notifier(
                URL,
                QUICK,
                line -> {
                    if (!noLines.isEmpty()) {
                        throw noLines.remove();
                    }
                    logged.add(line);
                },
                sender));

        // When
        offer(1, 2);

        // Then
        sender.awaitPosted(2);
        assertThat(logged).containsExactly("cannot notify http://127.0.0.1:9100/events: still none; trying again");
    }

    /** Does what the script says, in turn: throws, answers, or (null) doesn't; then always answers 204. */
    private static final class FakeSender implements EventSender {

        final List<Long> posted = new CopyOnWriteArrayList<>();
        private final Queue<Object> script = new ArrayDeque<>();

        FakeSender(Object... script) {
            for (Object step : script) {
                this.script.add(step == null ? OptionalInt.empty() : step);
            }
        }

        @Override
        public void start() {}

        @Override
        public OptionalInt post(CloudEvent event) throws Exception {
            Object step = script.isEmpty() ? 204 : script.remove();
            return switch (step) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                case OptionalInt none -> none;
                default -> answer(event, (int) step);
            };
        }

        private OptionalInt answer(CloudEvent event, int status) {
            if (status == 204) {
                posted.add(event.number());
            }
            return OptionalInt.of(status);
        }

        @Override
        public void stop() {}

        void awaitPosted(int count) {
            await().atMost(20, SECONDS).until(() -> posted.size() >= count);
        }
    }
}
