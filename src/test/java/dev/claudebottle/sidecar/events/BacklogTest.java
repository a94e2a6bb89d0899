package dev.claudebottle.sidecar.events;

import static dev.claudebottle.sidecar.events.EventLogTest.event;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {

    private final Backlog backlog = new Backlog();

    @Test
    void anEventStaysUntilItIsDone() throws Exception {
        // Given
        backlog.add(event(1));
        backlog.add(event(2));

        // When
        CloudEvent first = backlog.first();

        // Then
        assertThat(backlog.first()).isSameAs(first);
        backlog.done(first);
        assertThat(backlog.first().number()).isEqualTo(2);
    }

    @Test
    void dropsTheOldestBeyondAThousandAndCountsThem() throws Exception {
        // When
        for (int number = 1; number <= 1003; number++) {
            backlog.add(event(number));
        }

        // Then
        assertThat(backlog.first().number()).isEqualTo(4);
        assertThat(backlog.takeDropped()).isEqualTo(3);
        assertThat(backlog.takeDropped()).isZero();
    }

    @Test
    void anEventThatWasDroppedWhileUnderWayTakesNoOtherWithIt() throws Exception {
        // Given
        backlog.add(event(1));
        CloudEvent underWay = backlog.first();
        for (int number = 2; number <= 1001; number++) {
            backlog.add(event(number));
        }

        // When
        backlog.done(underWay);

        // Then
        assertThat(backlog.first().number()).isEqualTo(2);
        assertThat(backlog.takeDropped()).isZero();
    }
}
