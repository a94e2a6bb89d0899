package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Identity;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** The {@code source} of our events, a URI reference: which bundle in which pod. */
final class EventSource {

    private EventSource() {}

    /**
     * {@code /sidecar-init/NAMESPACE/BOTTLE/POD}, without what is not set.
     *
     * @param host in place of a pod that is not set
     */
    static String of(Identity identity, String host) {
        StringBuilder path = new StringBuilder("/sidecar-init");
        append(path, identity.namespace());
        append(path, identity.bottle());
        append(path, Optional.of(identity.pod().orElse(host)));
        return reference(path.toString());
    }

    private static void append(StringBuilder path, Optional<String> segment) {
        if (segment.isPresent()) {
            path.append('/').append(segment.get());
        }
    }

    /** Quotes what a host name may contain and a URI reference may not (RFC 3986). */
    private static String reference(String path) {
        try {
            return new URI(null, null, path, null).toASCIIString();
        } catch (URISyntaxException impossible) {
            throw new IllegalArgumentException("internal error: any path can be quoted", impossible);
        }
    }
}
