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

    @Test
    void theOldestBeyondFourMebibytesAreDroppedAndCounted() throws Exception {
        // When: 1000 events of 16 KiB
        for (int number = 1; number <= 1000; number++) {
            queue.add(event(number, "x".repeat(16 * 1024)));
        }

        // Then
        assertThat(queue.first().number()).isEqualTo(745);
        assertThat(queue.takeDropped()).isEqualTo(744);
    }

    @Test
    void whatIsDoneMakesRoom() throws Exception {
        // Given
        for (int number = 1; number <= 256; number++) {
            queue.add(event(number, "x".repeat(16 * 1024)));
        }

        // When
        queue.done(queue.first());
        queue.add(event(257, "x".repeat(16 * 1024)));

        // Then
        assertThat(queue.first().number()).isEqualTo(2);
        assertThat(queue.takeDropped()).isZero();
    }

    @Test
    void anEventDroppedForItsBytesDuringItsDeliveryIsNotCountedOnceItIsDone() throws Exception {
        // Given
        queue.add(event(1));
        CloudEvent underWay = queue.first();
        queue.add(event(2));
        queue.add(event(3, "x".repeat(4 * 1024 * 1024)));

        // When
        queue.done(underWay);

        // Then
        assertThat(queue.first().number()).isEqualTo(3);
        assertThat(queue.takeDropped()).isOne();
    }

    @Test
    void whatIsDroppedDuringItsDeliveryCountsOnceAnotherIsBegun() throws Exception {
        // Given
        queue.add(event(1));
        queue.first();
        for (int number = 2; number <= 1001; number++) {
            queue.add(event(number));
        }

        // Then: it may be answered after all, and a counter never decreases
        assertThat(queue.delivery()).isEqualTo(new Delivery(1000, 0));
        queue.first();
        assertThat(queue.delivery()).isEqualTo(new Delivery(1000, 1));
        assertThat(queue.takeDropped()).isOne();
        assertThat(queue.delivery()).isEqualTo(new Delivery(1000, 1));
    }

    @Test
    void whatTheReceiverRefusesIsCountedAndWhatItTakesIsNot() throws Exception {
        // Given
        queue.add(event(1));
        queue.add(event(2));
        queue.add(event(3));

        // When
        queue.done(queue.first());
        queue.refused(queue.first());

        // Then
        assertThat(queue.delivery()).isEqualTo(new Delivery(1, 1));
        assertThat(queue.takeDropped()).isZero();
    }

    @Test
    void afterTheReceiverRefusesAllNothingWaitsAndAllIsCounted() {
        // Given
        queue.add(event(1));
        queue.add(event(2));

        // When
        queue.refuseAll();
        queue.add(event(3));

        // Then
        assertThat(queue.delivery()).isEqualTo(new Delivery(0, 3));
    }
}
