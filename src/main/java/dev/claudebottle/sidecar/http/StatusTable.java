package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A status as a table for a terminal: one line for the bundle, one for each daemon. Its output is plain ASCII. The commands print what the
 * server makes of it, and scripts rely on how its first line begins.
 */
public final class StatusTable {

    private static final List<String> HEADINGS =
            List.of("NAME", "STATE", "READY", "PID", "STARTS", "LAST EXIT", "SINCE", "NEXT START", "GAPS", "PROBE");

    private static final String GUTTER = "  ";

    private StatusTable() {}

    /** The table for the latest state, with a newline at its end. */
    public static String of(SupervisorView view) {
        return render(StatusReport.of(view), Instant.now());
    }

    /**
     * The table, with a newline at its end.
     *
     * @param now by the clock of the report's times
     */
    static String render(StatusReport report, Instant now) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        report.daemons().forEach(daemon -> rows.add(row(daemon, now)));
        int[] widths = new int[HEADINGS.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder table = new StringBuilder(bundle(report)).append('\n');
        for (List<String> row : rows) {
            table.append(line(row, widths)).append('\n');
        }
        return table.toString();
    }

    private static String bundle(StatusReport report) {
        return Ascii.line("bundle %s, %s, since %s (%s); failure policy %s; pid %d; orphans reaped %d"
                .formatted(
                        report.state(),
                        report.ready() ? "ready" : "not ready",
                        report.startedAt(),
                        Age.text(Duration.ofSeconds(report.uptimeSeconds().longValue())),
                        report.failurePolicy(),
                        report.pid(),
                        report.orphansReaped()));
    }

    private static List<String> row(DaemonReport daemon, Instant now) {
        return List.of(
                shown(daemon.name()),
                shown(daemon.state()) + (daemon.crashLooping() ? ", crash-looping" : ""),
                daemon.ready() ? "yes" : "no",
                shown(daemon.pid()),
                shown(daemon.starts()),
                lastExit(daemon.lastExit()),
                since(daemon, now),
                nextStart(daemon.nextStartAt(), now),
                gaps(daemon.gaps()),
                failure(daemon));
    }

    private static String lastExit(ExitReport exit) {
        if (exit == null) {
            return "-";
        }
        return Ascii.line(exit.text() + (exit.error() == null ? "" : ": " + exit.error()));
    }

    /** When its first process was started; if that is dead, when it ended. */
    private static String since(DaemonReport daemon, Instant now) {
        String ended = daemon.lastExit() == null ? null : daemon.lastExit().at();
        String since = daemon.startedAt() == null ? ended : daemon.startedAt();
        return since == null ? "-" : since + " (" + Age.text(Duration.between(Instant.parse(since), now)) + ")";
    }

    private static String nextStart(String at, Instant now) {
        return at == null ? "-" : at + " (in " + Age.text(Duration.between(now, Instant.parse(at))) + ")";
    }

    private static String gaps(GapReport gaps) {
        boolean planned = gaps.plannedSeconds().signum() > 0;
        if (gaps.count() == 0 && !planned && !gaps.open()) {
            return "-";
        }
        return gaps.count() + " (" + gaps.seconds().toPlainString() + " s"
                + (planned ? ", planned " + gaps.plannedSeconds().toPlainString() + " s" : "")
                + (gaps.open() ? ", open)" : ")");
    }

    /** Which probe of a living daemon failed last, and why. */
    private static String failure(DaemonReport daemon) {
        if (daemon.pid() == null) {
            return "-";
        }
        String readiness = failure("readiness", daemon.readiness());
        String liveness = failure("liveness", daemon.liveness());
        String both = readiness + (readiness.isEmpty() || liveness.isEmpty() ? "" : "; ") + liveness;
        return both.isEmpty() ? "-" : Ascii.line(both);
    }

    private static String failure(String kind, ProbeReport probe) {
        return probe == null || probe.passed() ? "" : kind + ": " + probe.failure();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            line.append(cell).repeat(' ', widths[column] - cell.length()).append(GUTTER);
        }
        return line.toString().stripTrailing();
    }

    private static String shown(Object value) {
        return value == null ? "-" : Ascii.line(value.toString());
    }
}
