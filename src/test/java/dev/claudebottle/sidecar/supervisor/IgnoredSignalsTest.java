package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IgnoredSignalsTest {

    private final List<OwnLine> lines = new ArrayList<>();
    private final IgnoredSignals signals = new IgnoredSignals(lines::add);

    @Test
    void eachSignalIsSaidOnce() {
        // When
        for (int time = 0; time < 1000; time++) {
            signals.came(new Signal(3));
            signals.came(new Signal(Signal.MAX));
        }

        // Then
        assertThat(lines)
                .containsExactly(
                        OwnLine.warning("SIGQUIT is ignored; SIGTERM stops the bundle")
                                .signal("SIGQUIT"),
                        OwnLine.warning("SIGRTMIN+30 is ignored; SIGTERM stops the bundle")
                                .signal("SIGRTMIN+30"));
    }

    @Test
    void aHangUpNamesTheKeyThatForwardsIt() {
        // When
        signals.came(Signal.HUP);

        // Then
        assertThat(lines)
                .containsExactly(OwnLine.warning("SIGHUP is forwarded to nobody; see forward_hup")
                        .signal("SIGHUP"));
    }
}
