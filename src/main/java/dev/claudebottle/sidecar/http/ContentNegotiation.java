package dev.claudebottle.sidecar.http;

import io.vertx.ext.web.MIMEHeader;
import java.util.List;

/** What a client would rather have of the two that there are. */
final class ContentNegotiation {

    private ContentNegotiation() {}

    /**
     * Whether plain text comes before JSON. Only who names text gets it; everybody else gets JSON, asked for or not.
     *
     * @param accepted best first, as Vert.x sorts them
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
