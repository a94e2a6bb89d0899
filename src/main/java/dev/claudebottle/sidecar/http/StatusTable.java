package dev.claudebottle.sidecar.http;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A status as a table for a terminal: one line for the bundle, one for each daemon. Its output is plain ASCII. */
public final class StatusTable {

    private static final List<String> HEADINGS =
            List.of("NAME", "STATE", "READY", "PID", "STARTS", "LAST EXIT", "SINCE", "NEXT START", "GAPS", "PROBE");

    private static final String GUTTER = "  ";

    private StatusTable() {}

    /** The table, with a newline at its end. */
    public static String render(StatusReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        report.daemons().forEach(daemon -> rows.add(row(daemon)));
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
        return printable("bundle %s, %s, since %s (%s s); failure policy %s; pid %d; orphans reaped %d"
                .formatted(
                        report.state(),
                        report.ready() ? "ready" : "not ready",
                        report.startedAt(),
                        report.uptimeSeconds().toPlainString(),
                        report.failurePolicy(),
                        report.pid(),
                        report.orphansReaped()));
    }

    private static List<String> row(DaemonReport daemon) {
        return List.of(
                shown(daemon.name()),
                shown(daemon.state()) + (daemon.crashLooping() ? ", crash-looping" : ""),
                daemon.ready() ? "yes" : "no",
                shown(daemon.pid()),
                shown(daemon.starts()),
                lastExit(daemon.lastExit()),
                since(daemon),
                shown(daemon.nextStartAt()),
                gaps(daemon.gaps()),
                failure(daemon));
    }

    private static String lastExit(ExitReport exit) {
        if (exit == null) {
            return "-";
        }
        return printable(exit.text() + (exit.error() == null ? "" : ": " + exit.error()));
    }

    /** When its first process was started; if that is dead, when it ended. */
    private static String since(DaemonReport daemon) {
        String ended = daemon.lastExit() == null ? null : daemon.lastExit().at();
        return shown(daemon.startedAt() == null ? ended : daemon.startedAt());
    }

    private static String gaps(GapReport gaps) {
        if (gaps.count() == 0) {
            return "-";
        }
        return gaps.count() + " (" + gaps.seconds().toPlainString() + " s" + (gaps.open() ? ", open)" : ")");
    }

    /** Which probe of a living daemon failed last, and why. */
    private static String failure(DaemonReport daemon) {
        if (daemon.pid() == null) {
            return "-";
        }
        String readiness = failure("readiness", daemon.readiness());
        String liveness = failure("liveness", daemon.liveness());
        String both = readiness + (readiness.isEmpty() || liveness.isEmpty() ? "" : "; ") + liveness;
        return both.isEmpty() ? "-" : printable(both);
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
        return value == null ? "-" : printable(value.toString());
    }

    /** The status may come from any server, which must not drive the operator's terminal. */
    private static String printable(String text) {
        return text.chars()
                .mapToObj(c -> c >= ' ' && c < 0x7f ? Character.toString(c) : "\\u%04x".formatted(c))
                .collect(Collectors.joining());
    }
}
