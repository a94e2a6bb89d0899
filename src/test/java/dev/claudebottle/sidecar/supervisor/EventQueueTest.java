package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.Event;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class EventQueueTest {

    private final EventQueue queue = new EventQueue();

    @Test
    void messagesAreTakenInTheOrderOfTheirPut() throws InterruptedException {
        Message first = new Message.Happened(new Event.Begin());
        Message second = new Message.OrphanReaped();
        queue.put(first);
        queue.put(second);

        assertThat(queue.take(OptionalLong.empty())).isEqualTo(first);
        assertThat(queue.take(OptionalLong.empty())).isEqualTo(second);
    }

    @Test
    void takeReturnsNullAfterItsDeadline() throws InterruptedException {
        assertThat(queue.take(OptionalLong.of(System.nanoTime() - 1))).isNull();
    }

    @Test
    void atMostOnePingIsQueued() throws InterruptedException {
        queue.ping();
        queue.ping();

        assertThat(queue.take(OptionalLong.empty())).isInstanceOf(Message.Ping.class);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void afterAPingIsTakenAnotherIsQueued() throws InterruptedException {
        queue.ping();
        queue.take(OptionalLong.empty());
        queue.ping();

        assertThat(queue.isEmpty()).isFalse();
    }

    @Test
    void theLongestWaitOfAnEmptyQueueIsZero() {
        assertThat(queue.longestWait()).isEqualTo(Duration.ZERO);
    }

    @Test
    void theLongestWaitIsThatOfTheOldestMessage() {
        queue.ping();

        assertThat(queue.longestWait()).isPositive();
    }
}
