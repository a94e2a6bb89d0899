package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FastStartTest {

    /** As on Kubernetes. */
    private static final Map<String, String> VARIABLES =
            Map.of("CLAUDE_BOTTLE_SIDECAR_BOTTLE", "b-17", "K_SINK", "http://broker.example/");

    @Test
    void theBuiltInBundleNeedsNeitherTheYamlLibraryNorTheTableOfKeys() throws ReflectiveOperationException {
        // Given neither can be loaded
        Class<?> settings = new WithoutFileReading().loadClass(Settings.class.getName());
        Class<?> flags = settings.getClassLoader().loadClass(Flags.class.getName());

        // When
        Object read = settings.getMethod("read", flags, Map.class)
                .invoke(null, flags.getField("NONE").get(null), VARIABLES);

        // Then
        assertThat(read).hasToString(Settings.read(Flags.NONE, VARIABLES).toString());
    }

    /** Loads this package anew, without what only a bundle file needs. */
    private static final class WithoutFileReading extends ClassLoader {

        WithoutFileReading() {
            super(Settings.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.snakeyaml.") || name.equals(BundleKeys.class.getName())) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith(Settings.class.getPackageName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
