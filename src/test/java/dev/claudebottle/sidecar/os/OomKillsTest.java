package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OomKillsTest {

    @Test
    void theCountIsReadOrAbsent() {
        OomKills.ofOurCgroup()
                .flatMap(OomKillsTest::count)
                .ifPresent(kills -> assertThat(kills).isNotNegative());
    }

    /** The kernel gives notice of every file of version 2 in the same way; of this one a test can change the content. */
    @Test
    void aChangeInAFileOfVersion2IsNoticed() throws Exception {
        // Given
        Optional<Path> root = Stream.of("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                .map(Path::of)
                .filter(mount -> Files.isWritable(mount) && Files.exists(mount.resolve("cgroup.controllers")))
                .findFirst();
        assumeThat(root).as("a cgroup of version 2 that we may write to").isPresent();
        Path group = root.orElseThrow().resolve("sidecar-test-" + System.nanoTime());
        Files.createDirectory(group);
        try {
            OomKills kills = OomKills.version2(group.resolve("cgroup.events")).orElseThrow();
            CompletableFuture<Void> noticed = CompletableFuture.runAsync(kills::awaitNotice);

            // When
            Process process = new ProcessBuilder("sleep", "1000").start();
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));

            // Then
            noticed.get(10, TimeUnit.SECONDS);
            assertThat(kills.givesNotice()).isTrue();
            process.destroyForcibly().waitFor();
        } finally {
            remove(group);
        }
    }

    private static Optional<Long> count(OomKills kills) {
        return kills.count().isPresent() ? Optional.of(kills.count().getAsLong()) : Optional.empty();
    }

    /** A process that has just ended may still be in it. */
    private static void remove(Path group) throws IOException, InterruptedException {
        for (int attempt = 0; Files.exists(group) && attempt < 100; attempt++) {
            if (!group.toFile().delete()) {
                Thread.sleep(20);
            }
        }
    }
}
