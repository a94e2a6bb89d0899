package dev.claudebottle.sidecar.bundle;

import java.util.Optional;

/**
 * Who a bundle is among others. Each part is letters, digits, {@code _}, {@code .} and {@code -}, so none needs escaping in JSON, URIs and
 * metrics.
 */
public record Identity(Optional<String> bottle, Optional<String> namespace, Optional<String> pod) {

    /** A bundle that nobody has named. */
    public static final Identity NONE = new Identity(Optional.empty(), Optional.empty(), Optional.empty());

    /** The longest part: as long as a pod's name may be. */
    public static final int LONGEST = 253;
}
