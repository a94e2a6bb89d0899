package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmUpTest {

    @ParameterizedTest
    @ValueSource(strings = {"leave", "restart", "teardown"})
    void itRunsUnderEveryPolicy(String policy) {
        // Given
        Flags flags =
                new Flags(Optional.empty(), Optional.empty(), Optional.of(policy), Optional.empty(), Optional.empty());
        Bundle bundle = Settings.read(flags, Map.of()).bundle();

        // When / Then
        assertThatCode(() -> WarmUp.of(bundle, new Timestamp(0, Instant.EPOCH))).doesNotThrowAnyException();
    }
}
