package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysTest {

    @Test
    void everyProbeTargetHasAKey() {
        assertThat(ProbeKeys.TARGETS).hasSameSizeAs(Probe.Target.class.getPermittedSubclasses());
    }

    @Test
    void noMapHasAKeyTwice() {
        for (List<? extends Key<?, ?>> keys : List.of(BundleKeys.ALL, RestartKeys.ALL, DaemonKeys.ALL, ProbeKeys.ALL)) {
            assertThat(keys).<String>extracting(Key::name).doesNotHaveDuplicates();
        }
    }
}
