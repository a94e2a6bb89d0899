package dev.claudebottle.sidecar.events;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** A notifier with short delays, and its log lines. */
abstract class NotifierFixture {

    static final Notifier.Timing QUICK =
            new Notifier.Timing(Duration.ofMillis(5), Duration.ofMillis(40), Duration.ofMillis(300));

    final List<String> logged = new CopyOnWriteArrayList<>();
    Notifier notifier;

    @AfterEach
    void stop() {
        if (notifier != null) {
            notifier.stop();
        }
    }

    Notifier notifier(Receiver receiver) {
        return started(new Notifier(receiver.url(), QUICK, logged::add));
    }

    static Notifier started(Notifier notifier) {
        notifier.start();
        return notifier;
    }

    void offer(int first, int last) {
        IntStream.rangeClosed(first, last).mapToObj(EventLogTest::event).forEach(notifier::offer);
    }

    static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(number -> "{\"number\":" + number + "}")
                .toList();
    }

    static void awaitRequests(Receiver receiver, int count) {
        await().atMost(20, SECONDS).pollInterval(Duration.ofMillis(2)).until(() -> receiver.requests.size() >= count);
    }

    static void awaitNoThread() {
        await().atMost(20, SECONDS).pollInterval(Duration.ofMillis(2)).until(() -> threads("notifier") == 0);
    }

    static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .count();
    }
}
