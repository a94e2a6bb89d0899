package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.events.CloudEvent;
import dev.claudebottle.sidecar.http.StatusTable;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.supervisor.Supervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** After the death that the demo shows, says what has become of it, and what to try next. */
final class DemoTour {

    private final Supervisor supervisor;
    private final HttpAddress http;
    private final Notification.Type end;

    /** The number of the last event that was read. */
    private long read;

    private boolean told;

    private DemoTour(Supervisor supervisor, HttpAddress http) {
        this.supervisor = supervisor;
        this.http = http;
        this.end = supervisor.state().bundle().failurePolicy() == FailurePolicy.RESTART
                ? Notification.Type.DAEMON_RECOVERED
                : Notification.Type.DAEMON_EXITED;
    }

    /** @param supervisor not started yet */
    static void follow(Supervisor supervisor, HttpAddress http) {
        DemoTour tour = new DemoTour(supervisor, http);
        supervisor.events().listen(tour::look);
    }

    /** Called by the thread that adds events. */
    private void look() {
        Optional<CloudEvent> next = supervisor.events().after(read);
        while (!told && next.isPresent()) {
            read = next.get().number();
            if (isEnd(next.get())) {
                told = true;
                tell();
            }
            next = supervisor.events().after(read);
        }
    }

    private boolean isEnd(CloudEvent event) {
        return event.type() == end && event.subject().equals(Optional.of(StandIns.MORTAL));
    }

    private void tell() {
        supervisor.say(OwnLine.info(StatusTable.of(supervisor)));
        List<String> lines = new ArrayList<>();
        lines.add("now try, in another terminal:");
        lines.addAll(table(commands()));
        lines.add("Ctrl-C stops the demo");
        supervisor.say(OwnLine.info(String.join("\n", lines)));
    }

    /** With what each shows; in this order. */
    private List<Map.Entry<String, String>> commands() {
        List<Map.Entry<String, String>> commands = new ArrayList<>();
        supervisor.state().daemons().stream()
                .filter(daemon -> daemon.pid().isPresent())
                .reduce((_, last) -> last)
                .ifPresent(daemon -> commands.add(kill(daemon)));
        String url = http.url();
        String where = http.equals(HttpAddress.DEFAULT) ? "" : " --url " + url;
        commands.add(Map.entry("./sidecar-init status" + where, "the table above"));
        commands.add(Map.entry("curl -N " + url + "/events", "each event, as it comes"));
        commands.add(Map.entry(url + "/", "a page for your browser"));
        return commands;
    }

    private static Map.Entry<String, String> kill(DaemonStatus daemon) {
        return Map.entry("kill " + daemon.pid().getAsInt(), daemon.name() + " dies too");
    }

    private static List<String> table(List<Map.Entry<String, String>> commands) {
        int width = commands.stream()
                .mapToInt(command -> command.getKey().length())
                .max()
                .orElseThrow();
        return commands.stream()
                .map(command -> ("  %-" + width + "s   # %s").formatted(command.getKey(), command.getValue()))
                .toList();
    }
}
