package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The two bundle files of the image. */
class RootlessBundleTest {

    private static final Path DIRECTORY = Path.of("src/main/docker");

    @Test
    void withoutRootTheBundleIsTheSameButForUsersAndTheHomesThatTheyHave() throws IOException {
        // Given
        Map<String, Object> expected = bundle("sidecars.yaml");
        daemons(expected).forEach((name, daemon) -> {
            assertThat(daemon.remove("user")).as(name).isNotNull();
            Map<Object, Object> environment = new HashMap<>();
            if (daemon.get("environment") instanceof Map<?, ?> own) {
                environment.putAll(own);
            }
            environment.put("HOME", "/var/lib/" + name);
            daemon.put("environment", environment);
        });

        // When
        Map<String, Object> rootless = bundle("sidecars-rootless.yaml");

        // Then
        assertThat(rootless).isEqualTo(expected);
        assertThat(daemons(rootless).keySet())
                .as("the order of the starts")
                .containsExactlyElementsOf(daemons(expected).keySet());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> bundle(String file) throws IOException {
        Object document =
                new Load(LoadSettings.builder().build()).loadFromString(Files.readString(DIRECTORY.resolve(file)));
        return new LinkedHashMap<>((Map<String, Object>) document);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> daemons(Map<String, Object> bundle) {
        return (Map<String, Map<String, Object>>) bundle.get("daemons");
    }
}
