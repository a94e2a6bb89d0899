package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.Event;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class EventQueueTest {

    private final EventQueue queue = new EventQueue();

    @Test
    void messagesComeOutInTheOrderInWhichTheyWerePutIn() throws InterruptedException {
        Message first = new Message.Happened(new Event.Begin());
        Message second = new Message.OrphanGone();
        queue.put(first);
        queue.put(second);

        assertThat(queue.take(OptionalLong.empty())).isEqualTo(first);
        assertThat(queue.take(OptionalLong.empty())).isEqualTo(second);
    }

    @Test
    void aDeadlineThatHasPassedGivesNothing() throws InterruptedException {
        assertThat(queue.take(OptionalLong.of(System.nanoTime() - 1))).isNull();
    }

    @Test
    void howeverManyAskOnlyOnePingWaits() throws InterruptedException {
        queue.ping();
        queue.ping();

        assertThat(queue.take(OptionalLong.empty())).isInstanceOf(Message.Ping.class);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void thePingThatWasTakenMakesRoomForTheNext() throws InterruptedException {
        queue.ping();
        queue.take(OptionalLong.empty());
        queue.ping();

        assertThat(queue.isEmpty()).isFalse();
    }

    @Test
    void nothingWaitsInAnEmptyInbox() {
        assertThat(queue.longestWait()).isEqualTo(Duration.ZERO);
    }

    @Test
    void theOldestMessageTellsHowLongTheSupervisorHasNotLooked() {
        queue.ping();

        assertThat(queue.longestWait()).isPositive();
    }
}
