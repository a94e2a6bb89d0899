package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTableTest {

    private static final String AT = "2026-11-22T15:00:00.123Z";
    private static final String LATER = "2026-11-22T15:00:10.456Z";
    private static final Instant NOW = Instant.parse("2026-11-22T15:03:12.200Z");
    private static final GapReport NO_GAP = new GapReport(false, 0, new BigDecimal("0.0"), BigDecimal.ZERO);

    @Test
    void everyColumnIsAligned() {
        // Given
        StatusReport report = report(
                daemon("egress", "running", 4711L, AT, null, NO_GAP),
                daemon(
                        "git-gate",
                        "exited",
                        null,
                        null,
                        new ExitReport(137, "SIGKILL", "signal", LATER, null, false),
                        new GapReport(true, 2, new BigDecimal("1.8"), BigDecimal.ZERO)));
        // When / Then
        assertThat(StatusTable.render(report, NOW)).isEqualTo("""
                bundle running, not ready, since 2026-11-22T15:00:00.123Z (12 s); failure policy leave; pid 1; \
                orphans reaped 3
                NAME      STATE    READY  PID   STARTS  LAST EXIT      SINCE                                NEXT START  GAPS             PROBE
                egress    running  yes    4711  1       -              2026-11-22T15:00:00.123Z (3 m 12 s)  -           -                -
                git-gate  exited   no     -     1       137 (SIGKILL)  2026-11-22T15:00:10.456Z (3 m 1 s)   -           2 (1.8 s, open)  -
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "false, 2, 1.8, 0.5, '2 (1.8 s, planned 0.5 s)'",
        "true, 0, 0.0, 0.5, '0 (0.0 s, planned 0.5 s, open)'",
        "true, 0, 0.0, 0.0, '0 (0.0 s, open)'"
    })
    void plannedGapsAreShownToo(boolean open, long count, BigDecimal seconds, BigDecimal planned, String gaps) {
        DaemonReport egress = daemon("egress", "running", 1L, AT, null, new GapReport(open, count, seconds, planned));
        assertThat(lines(report(egress)).get(2)).contains("  " + gaps + "  ");
    }

    @Test
    void aLongNameMovesTheOtherColumns() {
        // Given
        String name = "n".repeat(200);
        // When
        List<String> lines = lines(report(daemon(name, "running", 1L, AT, null, NO_GAP)));
        // Then
        assertThat(lines.get(1)).startsWith("NAME" + " ".repeat(198) + "STATE");
        assertThat(lines.get(2)).startsWith(name + "  running");
    }

    @Test
    void aTimeThatTheClockHasYetToReachHasNoAge() {
        DaemonReport future = daemon("egress", "running", 1L, "2026-11-22T16:00:00.000Z", null, NO_GAP);
        assertThat(lines(report(future)).get(2)).contains("  2026-11-22T16:00:00.000Z (0 s)  ");
    }

    @Test
    void aFailureToStartNamesItsCause() {
        ExitReport exit = new ExitReport(127, null, "start", LATER, "No such file or directory", null);
        assertThat(lines(report(daemon("egress", "exited", null, null, exit, NO_GAP)))
                        .get(2))
                .contains("  127: No such file or directory  " + LATER);
    }

    @Test
    void aLackOfMemoryIsNamed() {
        ExitReport exit = new ExitReport(137, "SIGKILL", "signal", LATER, null, true);
        assertThat(lines(report(daemon("egress", "exited", null, null, exit, NO_GAP)))
                        .get(2))
                .contains("  137 (SIGKILL, out of memory)  ");
    }

    @Test
    void aFailedLivenessProbeIsNamedWhateverTheCode() {
        ExitReport obedient = new ExitReport(0, null, "liveness", LATER, null, false);
        ExitReport killed = new ExitReport(143, "SIGTERM", "liveness", LATER, null, false);
        assertThat(lines(report(
                        daemon("egress", "exited", null, null, obedient, NO_GAP),
                        daemon("pipelock", "exited", null, null, killed, NO_GAP))))
                .anyMatch(line -> line.startsWith("egress ") && line.contains("  0 (liveness)  "))
                .anyMatch(line -> line.startsWith("pipelock ") && line.contains("  143 (SIGTERM, liveness)  "));
    }

    @Test
    void aDaemonThatWasNeverStartedHasDashes() {
        assertThat(lines(report(daemon("egress", "waiting", null, null, null, NO_GAP)))
                        .get(2))
                .matches("egress +waiting +no +- +1 +- +- +- +- +-");
    }

    @Test
    void aCrashLoopIsNamedAndTheNextStartIsShown() {
        // Given
        ExitReport exit = new ExitReport(1, null, "exit", AT, null, null);
        DaemonReport looping = new DaemonReport(
                "egress",
                "backoff",
                false,
                null,
                null,
                6,
                5,
                "restart",
                exit,
                "2026-11-22T15:03:15.456Z",
                null,
                null,
                true,
                new GapReport(true, 6, new BigDecimal("1.8"), BigDecimal.ZERO));
        // When
        List<String> lines = lines(report(looping, daemon("pipelock", "running", 12L, AT, null, NO_GAP)));
        // Then
        assertThat(lines.get(1))
                .isEqualTo(
                        "NAME      STATE                   READY  PID  STARTS  LAST EXIT  "
                                + "SINCE                                NEXT START                         GAPS             PROBE");
        assertThat(lines.get(2))
                .isEqualTo("egress    backoff, crash-looping  no     -    6       1          "
                        + "2026-11-22T15:00:00.123Z (3 m 12 s)  2026-11-22T15:03:15.456Z (in 3 s)  6 (1.8 s, open)  -");
    }

    @Test
    void theProbeThatFailsIsNamedWithItsCause() {
        // Given
        ProbeReport passed = new ProbeReport(true, null, LATER);
        ProbeReport refused = new ProbeReport(false, "Connection refused", LATER);
        ProbeReport late = new ProbeReport(false, "no answer within 1s", LATER);
        // When / Then
        assertThat(lines(report(probed(12L, refused, null))).get(2)).endsWith("  readiness: Connection refused");
        assertThat(lines(report(probed(12L, passed, late))).get(2)).endsWith("  liveness: no answer within 1s");
        assertThat(lines(report(probed(12L, refused, late))).get(2))
                .endsWith("  readiness: Connection refused; liveness: no answer within 1s");
        assertThat(lines(report(probed(12L, passed, passed))).get(2)).endsWith("  -");
    }

    @Test
    void aDeadDaemonHasNoFailedProbe() {
        ProbeReport refused = new ProbeReport(false, "Connection refused", LATER);
        assertThat(lines(report(probed(null, refused, null))).get(2)).endsWith("  -");
    }

    @Test
    void nothingDrivesTheTerminal() {
        // Given
        ExitReport exit = new ExitReport(1, "\u001b[2J", "exit", AT, "a\nb\r\u009b\u202e\u00e9", null);
        ProbeReport probe = new ProbeReport(false, "\u001b[2J\nc", LATER);
        StatusReport report =
                report(daemon("\u001b]0;x", "run\nning", 1L, null, exit, NO_GAP), probed(12L, probe, probe));
        // When
        String table = StatusTable.render(report, NOW);
        // Then
        assertThat(table)
                .matches("[\\n\\x20-\\x7e]+")
                .contains("\\u001b]0;x", "run\\u000aning", "\\u009b\\u202e\\u00e9");
        assertThat(table.lines()).hasSize(4);
    }

    private static List<String> lines(StatusReport report) {
        return StatusTable.render(report, NOW).lines().toList();
    }

    private static StatusReport report(DaemonReport... daemons) {
        return new StatusReport("running", false, "leave", 1, AT, new BigDecimal("12.3"), 3, 0, List.of(daemons));
    }

    private static DaemonReport daemon(
            String name, String state, Long pid, String startedAt, ExitReport exit, GapReport gaps) {
        return new DaemonReport(
                name,
                state,
                state.equals("running"),
                pid,
                startedAt,
                1,
                0,
                "leave",
                exit,
                null,
                null,
                null,
                false,
                gaps);
    }

    private static DaemonReport probed(Long pid, ProbeReport readiness, ProbeReport liveness) {
        return new DaemonReport(
                "egress", "starting", false, pid, AT, 1, 0, "leave", null, null, readiness, liveness, false, NO_GAP);
    }
}
