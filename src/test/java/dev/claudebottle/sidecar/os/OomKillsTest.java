package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OomKillsTest {

    @Test
    void theCountIsReadOrAbsent() {
        // When
        OptionalLong count = OomKills.count();

        // Then
        count.ifPresent(kills -> assertThat(kills).isNotNegative());
    }
}
