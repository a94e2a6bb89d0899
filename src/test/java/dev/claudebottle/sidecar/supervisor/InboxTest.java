package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.Event;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class InboxTest {

    private final Inbox inbox = new Inbox();

    @Test
    void messagesComeOutInTheOrderInWhichTheyWerePutIn() throws InterruptedException {
        Message first = new Message.Happened(new Event.Begin());
        Message second = new Message.OrphanGone();
        inbox.put(first);
        inbox.put(second);

        assertThat(inbox.take(OptionalLong.empty())).isEqualTo(first);
        assertThat(inbox.take(OptionalLong.empty())).isEqualTo(second);
    }

    @Test
    void aDeadlineThatHasPassedGivesNothing() throws InterruptedException {
        assertThat(inbox.take(OptionalLong.of(System.nanoTime() - 1))).isNull();
    }

    @Test
    void howeverManyAskOnlyOnePingWaits() throws InterruptedException {
        inbox.ping();
        inbox.ping();

        assertThat(inbox.take(OptionalLong.empty())).isInstanceOf(Message.Ping.class);
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void thePingThatWasTakenMakesRoomForTheNext() throws InterruptedException {
        inbox.ping();
        inbox.take(OptionalLong.empty());
        inbox.ping();

        assertThat(inbox.isEmpty()).isFalse();
    }

    @Test
    void nothingWaitsInAnEmptyInbox() {
        assertThat(inbox.longestWait()).isEqualTo(Duration.ZERO);
    }

    @Test
    void theOldestMessageTellsHowLongTheSupervisorHasNotLooked() {
        inbox.ping();

        assertThat(inbox.longestWait()).isPositive();
    }
}
