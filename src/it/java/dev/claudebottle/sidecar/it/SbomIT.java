package dev.claudebottle.sidecar.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of libraries that {@code -Dsbom.phase=package} makes, as CycloneDX. */
class SbomIT {

    private static final Path APPLICATION = Path.of(Program.LAUNCHER).resolveSibling("target/quarkus-app");

    @Test
    void namesExactlyThePackagedLibrariesByTheirHashes() throws Exception {
        // Given
        String sbom = Files.readString(APPLICATION.resolve("quarkus-run.cdx.json"));

        // When
        Set<String> named = JsonPath.from(sbom).<List<Map<String, String>>>getList("components.hashes").stream()
                .flatMap(List::stream)
                .filter(hash -> hash.get("alg").equals("SHA-256"))
                .map(hash -> hash.get("content"))
                .collect(Collectors.toSet());

        // Then
        assertThat(named).isNotEmpty().isEqualTo(packaged());
    }

    @Test
    void isTheSameForEveryBuild() throws Exception {
        assertThat(Files.readString(APPLICATION.resolve("quarkus-run.cdx.json")))
                .contains("\"bomFormat\"")
                .doesNotContain("\"serialNumber\"", "\"timestamp\"");
    }

    private static Set<String> packaged() throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        try (Stream<Path> files = Files.walk(APPLICATION.resolve("lib"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> HexFormat.of().formatHex(sha256.digest(read(file))))
                    .collect(Collectors.toSet());
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
