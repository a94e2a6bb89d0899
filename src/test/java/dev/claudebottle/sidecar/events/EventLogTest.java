package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.claudebottle.sidecar.lifecycle.Notification;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final EventLog log = new EventLog();

    @Test
    void anEmptyLogHasNoEvents() {
        assertThat(log.after(0)).isEmpty();
        assertThat(log.find("boot-1")).isZero();
    }

    @Test
    void isReadInOrder() {
        // Given
        add(1, 3);

        // When / Then
        assertThat(log.after(0)).map(CloudEvent::number).contains(1L);
        assertThat(log.after(1)).map(CloudEvent::number).contains(2L);
        assertThat(log.after(2)).map(CloudEvent::number).contains(3L);
        assertThat(log.after(3)).isEmpty();
    }

    @Test
    void keepsTheLastThousand() {
        // Given
        add(1, 2500);

        // When / Then
        assertThat(kept())
                .extracting(CloudEvent::number)
                .hasSize(1000)
                .startsWith(1501L, 1502L)
                .endsWith(2499L, 2500L);
    }

    @Test
    void aReaderThatIsTooSlowMissesDroppedEvents() {
        // Given
        add(1, 1010);

        // When / Then
        assertThat(log.after(3)).map(CloudEvent::number).contains(11L);
    }

    @Test
    void findsTheIdOfAKeptEvent() {
        // Given
        add(1, 1010);

        // When / Then
        assertThat(log.find("boot-1010")).isEqualTo(1010);
        assertThat(log.find("boot-11")).isEqualTo(11);
        assertThat(log.find("boot-10")).isZero();
        assertThat(log.find("other-11")).isZero();
        assertThat(log.find("boot-1011")).isZero();
        assertThat(log.find("")).isZero();
    }

    @Test
    void keepsNoMoreThanFourMebibytes() {
        // Given: 1000 events of 16 KiB
        for (int number = 1; number <= 1000; number++) {
            log.add(next -> event(next, "x".repeat(16 * 1024)));
        }

        // When
        List<CloudEvent> kept = kept();

        // Then
        assertThat(kept).hasSize(256);
        assertThat(kept.stream().mapToLong(CloudEvent::size).sum()).isEqualTo(4 * 1024 * 1024);
        assertThat(kept.getLast().number()).isEqualTo(1000);
        assertThat(log.find("boot-745")).isEqualTo(745);
        assertThat(log.find("boot-744")).isZero();
    }

    @Test
    void aLargeEventMakesRoomForItself() {
        // Given
        add(1, 900);

        // When
        log.add(next -> event(next, "x".repeat(4 * 1024 * 1024)));
        add(902, 903);

        // Then
        assertThat(kept()).extracting(CloudEvent::number).containsExactly(902L, 903L);
    }

    @Test
    void anEventThatCanNotBeMadeUsesUpNoNumber() {
        // Given
        add(1, 1);

        // When
        assertThatThrownBy(() -> log.add(_ -> {
                    throw new OutOfMemoryError("Java heap space");
                }))
                .isInstanceOf(OutOfMemoryError.class);

        // Then
        CloudEvent next = log.add(number -> event(number, "{}"));
        assertThat(next.number()).isEqualTo(2);
        assertThat(log.after(1)).containsSame(next);
    }

    @Test
    void callsItsListeners() {
        // Given
        List<Optional<Long>> seen = new ArrayList<>();
        log.listen(() -> seen.add(log.after(0).map(CloudEvent::number)));
        add(1, 1);

        // When
        log.announce();

        // Then
        assertThat(seen).containsExactly(Optional.of(1L));
    }

    private List<CloudEvent> kept() {
        List<CloudEvent> kept = new ArrayList<>();
        for (Optional<CloudEvent> next = log.after(0);
                next.isPresent();
                next = log.after(kept.getLast().number())) {
            kept.add(next.get());
        }
        return kept;
    }

    private void add(int first, int last) {
        for (int number = first; number <= last; number++) {
            log.add(EventLogTest::event);
        }
    }

    static CloudEvent event(long number) {
        return event(number, "{\"number\":" + number + "}");
    }

    static CloudEvent event(long number, String json) {
        return new CloudEvent(
                number, "boot-" + number, Notification.Type.DAEMON_EXITED, Optional.of("egress"), json.getBytes(UTF_8));
    }
}
