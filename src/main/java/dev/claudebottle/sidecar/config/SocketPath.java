package dev.claudebottle.sidecar.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

/**
 * Where the command {@code restart} reaches us.
 *
 * @param path absolute
 * @param chosen whether somebody has chosen it; false: the default
 */
public record SocketPath(String path, boolean chosen) {

    public static final String VARIABLE = "CLAUDE_BOTTLE_SIDECAR_SOCKET";

    /** Where it is unless the variable says otherwise. */
    public static final String DEFAULT = "/run/sidecar-init.sock";

    /** What struct sockaddr_un holds, in bytes. */
    private static final int MAX_LENGTH = 107;

    /** @throws InvalidBundleException when the variable is wrong */
    public static SocketPath read(Map<String, String> environment) {
        ConfigErrors errors = new ConfigErrors();
        SocketPath path = read(environment, errors);
        errors.throwIfAny();
        return path;
    }

    static SocketPath read(Map<String, String> environment, ConfigErrors errors) {
        String path = environment.getOrDefault(VARIABLE, "");
        if (path.isEmpty()) {
            return new SocketPath(DEFAULT, false);
        }
        String expected = "an absolute path of at most " + MAX_LENGTH + " bytes";
        int length = path.getBytes(UTF_8).length;
        if (!path.startsWith("/")) {
            errors.in(VARIABLE, Printable.quoted(path) + " is not absolute", expected);
        } else if (length > MAX_LENGTH) {
            errors.in(VARIABLE, "it has " + length + " bytes", expected);
        }
        return new SocketPath(path, true);
    }
}
