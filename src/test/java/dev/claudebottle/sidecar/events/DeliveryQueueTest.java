package dev.claudebottle.sidecar.events;

import static dev.claudebottle.sidecar.events.EventLogTest.event;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryQueueTest {

    private final DeliveryQueue queue = new DeliveryQueue();

    @Test
    void anEventStaysUntilItIsDone() throws Exception {
        // Given
        queue.add(event(1));
        queue.add(event(2));

        // When
        CloudEvent first = queue.first();

        // Then
        assertThat(queue.first()).isSameAs(first);
        queue.done(first);
        assertThat(queue.first().number()).isEqualTo(2);
    }

    @Test
    void theOldestBeyondAThousandAreDroppedAndCounted() throws Exception {
        // When
        for (int number = 1; number <= 1003; number++) {
            queue.add(event(number));
        }

        // Then
        assertThat(queue.first().number()).isEqualTo(4);
        assertThat(queue.takeDropped()).isEqualTo(3);
        assertThat(queue.takeDropped()).isZero();
    }

    @Test
    void anEventDroppedDuringItsDeliveryRemovesNoOther() throws Exception {
        // Given
        queue.add(event(1));
        CloudEvent underWay = queue.first();
        for (int number = 2; number <= 1001; number++) {
            queue.add(event(number));
        }

        // When
        queue.done(underWay);

        // Then
        assertThat(queue.first().number()).isEqualTo(2);
        assertThat(queue.takeDropped()).isZero();
    }
}
