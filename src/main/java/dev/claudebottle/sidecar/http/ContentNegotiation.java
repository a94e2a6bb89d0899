package dev.claudebottle.sidecar.http;

import io.vertx.ext.web.MIMEHeader;
import java.util.List;

/** Chooses the type of an answer by what {@code Accept} says. */
final class ContentNegotiation {

    private ContentNegotiation() {}

    /**
     * The type that a client prefers. Each type is judged by the range that names it most closely, so that {@code q=0} excludes it
     * whatever else is accepted. The usual type is the answer also for a client that accepts none.
     *
     * @param accepted what {@code Accept} names, best first, as Vert.x sorts it
     * @param types the usual one first
     */
    static String choose(List<MIMEHeader> accepted, List<String> types) {
        String best = types.getFirst();
        int bestRank = accepted.size();
        for (String type : types) {
            int rank = rank(accepted, type);
            if (rank < bestRank) {
                best = type;
                bestRank = rank;
            }
        }
        return best;
    }

    /** The place of the range that counts for this type, the last when there is none. */
    private static int rank(List<MIMEHeader> accepted, String type) {
        int rank = accepted.size();
        int closest = 0;
        for (int place = 0; place < accepted.size(); place++) {
            MIMEHeader range = accepted.get(place);
            // first, because Vert.x parses the range by this call only
            boolean acceptable = range.weight() > 0;
            int closeness = closeness(range, type);
            if (closeness > closest) {
                closest = closeness;
                rank = acceptable ? place : accepted.size();
            }
        }
        return rank;
    }

    /** From 3 for the type itself to 0. Vert.x has empty or missing parts for what is no type. */
    private static int closeness(MIMEHeader range, String type) {
        String kind = type.substring(0, type.indexOf('/'));
        String name = type.substring(kind.length() + 1);
        boolean anyName = "*".equals(range.subComponent());
        if (kind.equalsIgnoreCase(range.component())) {
            return name.equalsIgnoreCase(range.subComponent()) ? 3 : anyName ? 2 : 0;
        }
        return anyName && "*".equals(range.component()) ? 1 : 0;
    }
}
