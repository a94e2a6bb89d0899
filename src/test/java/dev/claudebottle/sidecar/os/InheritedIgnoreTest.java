package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signals that were ignored when we were started, as by nohup or for a shell's background job. */
@ForkedJvm(startedBy = {"/bin/sh", "-c", "trap '' TERM INT HUP QUIT CHLD; exec \"$@\"", "sh"})
class InheritedIgnoreTest {

    @Test
    void termIntAndHupAreHandledThoughInheritedAsIgnored() throws Exception {
        SentSignals.shared().assertHandled();
    }

    @Test
    void everyOtherSignalThatCouldEndUsIsIgnored() throws Exception {
        SentSignals.shared().assertIgnored(List.of());
    }

    @Test
    void exitStatusesArriveThoughSigchldWasInheritedAsIgnored() throws Exception {
        assertThat(ChildrenFixture.shared().run("exit 5").status()).isEqualTo(new ExitStatus.Code(5));
    }
}
