package dev.claudebottle.sidecar.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.Identity;
import java.util.Map;
import java.util.Optional;

/** The variables that say who we are. */
final class IdentityVariables {

    static final String BOTTLE = "CLAUDE_BOTTLE_SIDECAR_BOTTLE";
    static final String NAMESPACE = "CLAUDE_BOTTLE_SIDECAR_NAMESPACE";
    static final String POD = "CLAUDE_BOTTLE_SIDECAR_POD";

    private static final String EXPECTED =
            "A to Z, a to z, 0 to 9, _, . and -, a letter or digit first, at most " + Identity.LONGEST;

    private IdentityVariables() {}

    static Identity read(Map<String, String> environment, ConfigErrors errors) {
        return new Identity(
                name(BOTTLE, environment, errors),
                name(NAMESPACE, environment, errors),
                name(POD, environment, errors));
    }

    private static Optional<String> name(String variable, Map<String, String> environment, ConfigErrors errors) {
        String text = environment.getOrDefault(variable, "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!Identity.isName(text)) {
            int length = text.getBytes(UTF_8).length;
            String problem = length > Identity.LONGEST
                    ? "it has " + length + " bytes"
                    : Printable.quoted(text) + " is not a name";
            errors.in(variable, problem, EXPECTED);
        }
        return Optional.of(text);
    }
}
