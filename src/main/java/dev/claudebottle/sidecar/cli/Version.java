package dev.claudebottle.sidecar.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code --version} prints. The build writes the version into a resource: the jar's manifest is not attached to the packages of
 * classes that come from the AOT cache.
 */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        try (InputStream version = Version.class.getResourceAsStream("/sidecar-init.version")) {
            return new String[] {"sidecar-init " + new String(version.readAllBytes(), UTF_8).strip()};
        }
    }
}
