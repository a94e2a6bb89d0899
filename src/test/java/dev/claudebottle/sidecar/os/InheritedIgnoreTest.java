package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import org.junit.jupiter.api.Test;

/** As under nohup, or behind a shell's background job. */
@ForkedJvm(startedBy = {"/bin/sh", "-c", "trap '' TERM INT HUP QUIT CHLD; exec \"$@\"", "sh"})
class InheritedIgnoreTest {

    @Test
    void termIntAndHupAreTakenThoughTheyWereIgnored() throws Exception {
        SentSignals.here().assertTaken();
    }

    @Test
    void quitUsr1Usr2AlrmAndWinchDoNothing() throws Exception {
        SentSignals.here().assertIgnored();
    }

    @Test
    void statusesAreSeenThoughSigchldWasIgnored() throws Exception {
        assertThat(ChildrenFixture.here().run("exit 5").status()).isEqualTo(new ExitStatus.Code(5));
    }
}
