package dev.claudebottle.sidecar.http;

import io.vertx.ext.web.MIMEHeader;
import java.util.List;

/** Chooses between the two types of {@code /status}. */
final class ContentNegotiation {

    private ContentNegotiation() {}

    /**
     * Whether a client prefers plain text to JSON. It must name text to get it; in every other case the answer is JSON.
     *
     * @param accepted what {@code Accept} names, best first, as Vert.x sorts it
     */
    static boolean isText(List<MIMEHeader> accepted) {
        for (MIMEHeader range : accepted) {
            if (range.weight() > 0 && matches(range, "text", "plain")) {
                return true;
            }
            if (range.weight() > 0 && (matches(range, "application", "json") || matches(range, "*", "*"))) {
                return false;
            }
        }
        return false;
    }

    private static boolean matches(MIMEHeader range, String type, String subtype) {
        return range.component().equalsIgnoreCase(type)
                && (range.subComponent().equalsIgnoreCase(subtype)
                        || range.subComponent().equals("*"));
    }
}
