package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Times in which we don't run: SIGSTOP stands for `docker pause` and for a stalled machine. */
@NeedsNamespaces
class PauseIT {

    private static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(200), Duration.ofMillis(600), Duration.ofMillis(1500), Duration.ofMillis(2500));

    private static void pause(List<Long> processes, Duration length) {
        processes.forEach(pid -> LinuxProcess.signal("STOP", pid));
        LockSupport.parkNanos(length.toNanos());
        processes.reversed().forEach(pid -> LinuxProcess.signal("CONT", pid));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPauseIsNoFailureOfAProbe(boolean everything) throws Exception {
        // Given: probes that nearly always run, and of which one failure counts
        int port = ProgramBuilder.freePort();
        String slow = "import http.server, time\nclass H(http.server.BaseHTTPRequestHandler):\n"
                + " def do_GET(self):\n  time.sleep(0.1); self.send_response(204); self.end_headers()\n"
                + " def log_message(self, *_): pass\n"
                + "http.server.ThreadingHTTPServer((\"127.0.0.1\", " + port + "), H).serve_forever()";
        BundleText bundle = bundle().daemon(
                        "egress",
                        "exec python3 -c '" + slow + "'",
                        "readiness: {http: \"http://127.0.0.1:" + port + "/\", period: 10ms, timeout: 1s}",
                        "liveness: {exec: [sleep, \"0.1\"], period: 10ms, timeout: 1s, failure_threshold: 1}");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("sidecar-init: egress is ready");
            for (Duration length : PAUSES) {
                LinuxProcess supervisor = program.proc();
                List<Long> processes = everything
                        ? List.of(supervisor.pid(), supervisor.children().getFirst())
                        : List.of(supervisor.pid());
                pause(processes, length);
                program.awaitHttp();
            }
            program.awaitThat(
                    "another probe",
                    () -> program.http.daemon("egress").get("state").equals("running"));
            int code = program.stop();

            // Then
            assertThat(program.ownLines())
                    .containsExactly(
                            "starting egress",
                            "egress is ready",
                            "shutting down (SIGTERM); forwarding SIGTERM",
                            "egress exited with code 143 (SIGTERM)",
                            "exit 0");
            assertThat(code).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, [egress] stopping",
        "true, [egress] stopping",
        "true, sidecar-init: egress exited with code 143 (SIGTERM)" // it gets TERM after the pause
    })
    void aGraceThatElapsesInAPauseCountsFromOurReturn(boolean adopted, String lineBefore) throws Exception {
        // Given: a process that needs a second to stop
        String slow =
                "trap 'echo stopping; sleep 1; echo finished; exit 0' TERM; echo up; while :; do sleep 0.05; done";
        BundleText bundle = bundle("stop_grace_period: 2s")
                .daemon("egress", adopted ? "setsid sh -c \"" + slow + "\" & exec sleep 1000" : slow);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.signal("TERM");
            program.awaitLine(lineBefore);
            LinuxProcess supervisor = program.proc();
            pause(List.of(supervisor.pid(), supervisor.children().getFirst()), Duration.ofSeconds(5));
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).noneMatch(line -> line.contains("SIGKILL"));
            assertThat(program.linesOf("egress"))
                    .as(String.join("\n", program.ownLines()))
                    .contains("finished");
        }
    }
}
