package dev.claudebottle.sidecar.events;

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

        // When
        List<Long> kept = new ArrayList<>();
        for (Optional<CloudEvent> next = log.after(0); next.isPresent(); next = log.after(kept.getLast())) {
            kept.add(next.get().number());
        }

        // Then
        assertThat(kept).hasSize(1000).startsWith(1501L, 1502L).endsWith(2499L, 2500L);
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
    void callsItsListenersOnceTheEventCanBeRead() {
        // Given
        List<Optional<Long>> seen = new ArrayList<>();
        log.listen(() -> seen.add(log.after(0).map(CloudEvent::number)));

        // When
        add(1, 1);

        // Then
        assertThat(seen).containsExactly(Optional.of(1L));
    }

    @Test
    void refusesAnEventOutOfOrder() {
        assertThatThrownBy(() -> add(2, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    private void add(int first, int last) {
        for (int number = first; number <= last; number++) {
            log.add(event(number));
        }
    }

    static CloudEvent event(int number) {
        return new CloudEvent(
                number,
                "boot-" + number,
                Notification.Type.DAEMON_EXITED,
                Optional.of("egress"),
                "{\"number\":" + number + "}");
    }
}
