package dev.claudebottle.sidecar.os;

import org.junit.jupiter.api.Test;

@ForkedJvm(startedBy = {"/usr/bin/env"})
class SignalHandlersTest {

    private final SentSignals signals = SentSignals.here();

    @Test
    void termIntAndHupAreTaken() throws Exception {
        signals.assertTaken();
    }

    @Test
    void quitUsr1Usr2AlrmAndWinchDoNothing() throws Exception {
        signals.assertIgnored();
    }
}
