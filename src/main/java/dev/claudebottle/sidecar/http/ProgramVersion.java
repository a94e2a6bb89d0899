package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;

/**
 * The version of this program. The build writes it into a resource: the jar's manifest is not attached to the packages of classes that
 * come from the AOT cache.
 */
public final class ProgramVersion {

    private ProgramVersion() {}

    public static String read() throws IOException {
        try (InputStream version = ProgramVersion.class.getResourceAsStream("/sidecar-init.version")) {
            return new String(version.readAllBytes(), UTF_8).strip();
        }
    }
}
