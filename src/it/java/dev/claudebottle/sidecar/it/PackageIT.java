package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code src/build/package.sh}, with a stand-in for Maven that prints its arguments and its settings. */
class PackageIT {

    @TempDir
    Path directory;

    private record Result(int code, String output) {}

    @BeforeEach
    void install() throws IOException {
        Path script = directory.resolve("src/build/package.sh");
        Files.createDirectories(script.getParent());
        Files.copy(Path.of(Program.LAUNCHER).toAbsolutePath().resolveSibling("src/build/package.sh"), script);
        Path mvnw = Files.writeString(directory.resolve("mvnw"), "#!/bin/sh\nprintf '%s ' \"$@\"\ncat \"$5\"\n");
        Files.setPosixFilePermissions(mvnw, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Result run(Map<String, String> environment, String settings) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", directory + "/src/build/package.sh", settings);
        builder.environment().keySet().retainAll(Set.of("PATH"));
        builder.environment().put("TMPDIR", directory.toString());
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), output);
    }

    @Test
    void withoutAProxyMavenGetsNone() throws Exception {
        assertThat(run(Map.of(), "/nonexistent").output())
                .startsWith("-B -ntp -Dmaven.test.skip=true --settings ")
                .endsWith(" package <settings><proxies></proxies></settings>\n");
    }

    @ParameterizedTest
    @CsvSource({
        "https_proxy, http://proxy.test:3128, 3128",
        "HTTPS_PROXY, http://proxy.test:3128/, 3128",
        "http_proxy, proxy.test:3128, 3128",
        "HTTP_PROXY, http://proxy.test, 80"
    })
    void mavenUsesTheProxyOfTheEnvironment(String variable, String proxy, String port) throws Exception {
        // When
        Result result = run(Map.of(variable, proxy, "no_proxy", "a.test, .b.test"), "/nonexistent");

        // Then
        assertThat(result.code()).isZero();
        assertThat(result.output())
                .contains("<proxy><host>proxy.test</host><port>" + port + "</port>")
                .contains("<nonProxyHosts>a.test|*.b.test</nonProxyHosts>");
    }

    @Test
    void settingsOfMavenReplaceTheProxyOfTheEnvironment() throws Exception {
        // Given
        Path settings = Files.writeString(directory.resolve("settings.xml"), "<settings/>");

        // When
        Result result = run(Map.of("https_proxy", "http://me:secret@proxy.test:3128"), settings.toString());

        // Then
        assertThat(result.code()).isZero();
        assertThat(result.output()).endsWith("--settings " + settings + " package <settings/>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://me:secret@proxy.test:3128", "http://<host>"})
    void anotherProxyNeedsSettingsOfMavenAndIsNotPrinted(String proxy) throws Exception {
        // When
        Result result = run(Map.of("https_proxy", proxy), "/nonexistent");

        // Then
        assertThat(result.code()).isNotZero();
        assertThat(result.output())
                .startsWith("cannot package Sidecar Init: ")
                .contains("maven-settings")
                .doesNotContain(proxy);
    }
}
