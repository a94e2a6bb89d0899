package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.events.CloudEvent;
import io.vertx.ext.web.MIMEHeader;
import java.util.List;
import java.util.Locale;

/** The forms of {@code /events}, of which {@code Accept} chooses one (decision 0030). */
enum EventForm {
    /** The default: server-sent events, live. */
    STREAM("text/event-stream", true) {
        @Override
        String of(CloudEvent event) {
            return sent(event, event.json());
        }
    },
    /** The same in ASCII, for terminals. */
    ASCII_STREAM("text/event-stream", true) {
        @Override
        String of(CloudEvent event) {
            return sent(event, Ascii.line(event.json()));
        }
    },
    /** Server-sent events whose data is a line for people. */
    LINE_STREAM("text/event-stream", true) {
        @Override
        String of(CloudEvent event) {
            return sent(event, EventLine.of(event));
        }
    },
    /** The events that are kept, one JSON object a line. */
    JSON_LINES("application/x-ndjson", false) {
        @Override
        String of(CloudEvent event) {
            return Ascii.line(event.json()) + "\n";
        }
    },
    /** The events that are kept, one line for people each. */
    LINES("text/plain", false) {
        @Override
        String of(CloudEvent event) {
            return EventLine.of(event) + "\n";
        }
    };

    private final String type;
    private final boolean live;

    EventForm(String type, boolean live) {
        this.type = type;
        this.live = live;
    }

    abstract String of(CloudEvent event);

    /** Its Content-Type. */
    String type() {
        return type;
    }

    /** Whether new events follow those that are kept. */
    boolean isLive() {
        return live;
    }

    /**
     * The first form that a client names exactly; whatever else it accepts, it gets the stream.
     *
     * @param accepted what {@code Accept} names, best first, as Vert.x sorts it
     */
    static EventForm of(List<MIMEHeader> accepted) {
        for (MIMEHeader range : accepted) {
            if (range.weight() > 0) {
                switch ((range.component() + "/" + range.subComponent()).toLowerCase(Locale.ROOT)) {
                    case "text/plain":
                        return LINES;
                    case "application/x-ndjson":
                        return JSON_LINES;
                    case "text/event-stream":
                        return stream(range.parameter("data"));
                    default:
                }
            }
        }
        return STREAM;
    }

    /** @param data null without this parameter */
    private static EventForm stream(String data) {
        return switch (data) {
            case "ascii" -> ASCII_STREAM;
            case "line" -> LINE_STREAM;
            case null, default -> STREAM;
        };
    }

    /** No event field: with one, the browser's EventSource does not call onmessage. */
    private static String sent(CloudEvent event, String data) {
        return "id: " + event.id() + "\ndata: " + data + "\n\n";
    }
}
