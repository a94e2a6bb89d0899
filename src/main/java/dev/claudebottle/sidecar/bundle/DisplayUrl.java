package dev.claudebottle.sidecar.bundle;

import java.net.URI;

/** How we print a URL: who its user is and what its query says may be secrets. */
public final class DisplayUrl {

    private DisplayUrl() {}

    /** {@code http://***@host:9100/path?***}; what the URL does not have, and a fragment, is left out. */
    public static String of(URI url) {
        StringBuilder shown = new StringBuilder(url.getScheme()).append("://");
        if (url.getRawUserInfo() != null) {
            shown.append("***@");
        }
        shown.append(url.getHost());
        if (url.getPort() >= 0) {
            shown.append(':').append(url.getPort());
        }
        shown.append(url.getRawPath());
        if (url.getRawQuery() != null) {
            shown.append("?***");
        }
        return shown.toString();
    }
}
