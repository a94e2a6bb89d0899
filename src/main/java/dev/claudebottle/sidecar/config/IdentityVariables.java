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

    /** What container engines take as a container's name; all names of Kubernetes, label values included, have this form. */
    private static final String FORM = "[A-Za-z0-9][A-Za-z0-9_.-]*";

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
        int length = text.getBytes(UTF_8).length;
        if (length > Identity.LONGEST) {
            errors.in(variable, "it has " + length + " bytes", EXPECTED);
        } else if (!text.matches(FORM)) {
            errors.in(variable, Printable.quoted(text) + " is not a name", EXPECTED);
        }
        return Optional.of(text);
    }
}
