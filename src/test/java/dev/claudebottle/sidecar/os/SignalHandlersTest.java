package dev.claudebottle.sidecar.os;

import org.junit.jupiter.api.Test;

@ForkedJvm(startedBy = {"/usr/bin/env"})
class SignalHandlersTest {

    private final SentSignals signals = SentSignals.shared();

    @Test
    void termIntAndHupAreHandled() throws Exception {
        signals.assertHandled();
    }

    @Test
    void everyOtherSignalThatCouldEndUsIsIgnored() throws Exception {
        signals.assertIgnored();
    }
}
