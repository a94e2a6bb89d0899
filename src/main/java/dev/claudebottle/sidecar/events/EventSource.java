package dev.claudebottle.sidecar.events;

import dev.claudebottle.sidecar.bundle.Identity;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The {@code source} of our events, a URI reference: which bundle in which pod. */
final class EventSource {

    private EventSource() {}

    /**
     * {@code /sidecar-init/NAMESPACE/BOTTLE/POD}, without what is not set.
     *
     * @param host in place of a pod that is not set
     */
    static String of(Identity identity, String host) {
        String pod = identity.pod().orElse(host);
        return reference(
                Stream.of(Optional.of("/sidecar-init"), identity.namespace(), identity.bottle(), Optional.of(pod))
                        .flatMap(Optional::stream)
                        .collect(Collectors.joining("/")));
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
