package dev.claudebottle.sidecar.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;

/** Makes the events of one run of ours. */
final class CloudEventFactory {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String TYPE = "dev.claudebottle.sidecar.";

    private final String boot;
    private final String source;

    /** @param source see {@link EventSource} */
    CloudEventFactory(UUID boot, String source) {
        this.boot = boot.toString();
        this.source = source;
    }

    /**
     * Makes an event.
     *
     * @param pid the process that the event is about; null when there is none
     * @param output the last lines of output; used for an exit only, and only as many as an event may carry
     */
    CloudEvent make(long number, Notification notification, Integer pid, List<String> output) {
        String id = boot + "-" + number;
        StringWriter json = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(json)) {
            write(out, id, notification, pid, OutputLimit.newest(output));
        } catch (IOException impossible) {
            throw new UncheckedIOException("internal error: a string can be written", impossible);
        }
        return new CloudEvent(
                number,
                id,
                notification.type(),
                notification.daemon().map(DaemonStatus::name),
                json.toString().getBytes(UTF_8));
    }

    private void write(JsonGenerator out, String id, Notification notification, Integer pid, List<String> output)
            throws IOException {
        out.writeStartObject();
        out.writeStringField("specversion", "1.0");
        out.writeStringField("id", id);
        out.writeStringField("source", source);
        out.writeStringField("type", TYPE + notification.type().word());
        if (notification.daemon().isPresent()) {
            out.writeStringField("subject", notification.daemon().get().name());
        }
        out.writeStringField("time", UtcTime.format(notification.at()));
        out.writeStringField("datacontenttype", "application/json");
        out.writeObjectFieldStart("data");
        EventData.write(out, notification, pid, output);
        out.writeEndObject();
        out.writeEndObject();
    }
}
