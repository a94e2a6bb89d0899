package dev.claudebottle.sidecar.os;

import java.util.List;
import org.junit.jupiter.api.Test;

@ForkedJvm(startedBy = {"/usr/bin/env"})
class SignalHandlersTest {

    private final SentSignals signals = SentSignals.shared();

    @Test
    void termIntAndHupAreHandled() throws Exception {
        signals.assertHandled();
    }

    @Test
    void everyOtherSignalThatCouldEndUsIsIgnoredInSilence() throws Exception {
        signals.assertIgnored(List.of());
    }
}
