package dev.claudebottle.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HostNameTest {

    @Test
    void isTheKernels() throws Exception {
        assertThat(HostName.get())
                .isEqualTo(
                        Files.readString(Path.of("/proc/sys/kernel/hostname")).strip())
                .isNotEmpty();
    }
}
