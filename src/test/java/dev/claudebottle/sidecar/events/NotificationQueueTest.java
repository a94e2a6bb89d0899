package dev.claudebottle.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.logs.OutputTail;
import java.util.List;
import org.junit.jupiter.api.Test;

class NotificationQueueTest {

    private static final OutputTail TAIL = _ -> List.of();

    private final NotificationQueue queue = new NotificationQueue();
    private final Notification notification =
            new Notifications().of(Notification.Type.BUNDLE_STARTED, new Event.Begin());

    @Test
    void theOldestBeyondTwoThousandAreDroppedAndCountedOnceNoneWaits() throws Exception {
        // Given
        for (int pid = 1; pid <= 2003; pid++) {
            queue.add(entry(pid, null));
        }

        // When / Then
        assertThat(queue.take().pid()).isEqualTo(4);
        assertThat(queue.takeDropped()).isZero();
        for (int pid = 5; pid <= 2003; pid++) {
            assertThat(queue.take().pid()).isEqualTo(pid);
        }
        assertThat(queue.takeDropped()).isEqualTo(3);
        assertThat(queue.takeDropped()).isZero();
    }

    @Test
    void fiveHundredMayHaveLastLines() throws Exception {
        // Given
        for (int i = 1; i < 500; i++) {
            queue.add(entry(i, TAIL));
        }
        queue.add(entry(500, null));
        assertThat(queue.hasRoomForTail()).isTrue();

        // When
        queue.add(entry(501, TAIL));

        // Then
        assertThat(queue.hasRoomForTail()).isFalse();
        queue.take();
        assertThat(queue.hasRoomForTail()).isTrue();
    }

    @Test
    void whatIsDroppedMakesRoomForLastLines() {
        // Given
        for (int i = 0; i < 500; i++) {
            queue.add(entry(i, TAIL));
        }

        // When
        for (int i = 0; i < 1501; i++) {
            queue.add(entry(i, null));
        }

        // Then
        assertThat(queue.hasRoomForTail()).isTrue();
    }

    private NotificationQueue.Entry entry(int pid, OutputTail lastLines) {
        return new NotificationQueue.Entry(notification, pid, lastLines, 0);
    }
}
