package dev.claudebottle.sidecar.bundle;

import java.util.Optional;
import java.util.regex.Pattern;

/** Who a bundle is among others. Each part is a {@link #isName name}, so it needs no escaping in JSON, URIs and metrics. */
public record Identity(Optional<String> bottle, Optional<String> namespace, Optional<String> pod) {

    /** One bundle on its own. */
    public static final Identity NONE = new Identity(Optional.empty(), Optional.empty(), Optional.empty());

    /** As long as a pod's name may be. */
    public static final int LONGEST = 253;

    /** What container engines take as a container's name; all names of Kubernetes, label values included, have this form. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0," + (LONGEST - 1) + "}");

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
