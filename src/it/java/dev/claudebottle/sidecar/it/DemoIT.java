package dev.claudebottle.sidecar.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The demo without a terminal. */
@NeedsNamespaces
class DemoIT {

    private static final Pattern KILL = Pattern.compile("  kill (\\d+) +# (\\S+) .*");

    @Test
    void aStandInDiesIsReadyAgainAndThenTheDemoSaysWhatToTry() throws Exception {
        // Given: its port is taken
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program program =
                        ProgramBuilder.of("demo").port(taken.getLocalPort()).start()) {
            // When
            program.awaitLine("sidecar-init: Ctrl-C stops the demo");
            int port = Integer.parseInt(
                    find(program, Pattern.compile("demo: port " + taken.getLocalPort() + " is taken.* (\\d+)"))
                            .group(1));
            MatchResult kill = find(program, KILL);
            LinuxProcess standIn = program.inside(Integer.parseInt(kill.group(1)));
            Http http = new Http(port);
            program.awaitThat("http", http::answers);
            String policy = http.status().getString("failurePolicy");
            standIn.kill();
            program.awaitThat(
                    "a second start",
                    () -> http.daemon(kill.group(2)).get("starts").equals(2));
            int code = program.stop();

            // Then
            String url = "http://127.0.0.1:" + port;
            assertThat(policy).isEqualTo("restart");
            assertThat(program.linesOf("egress")).contains("MemoryError");
            assertThat(program.ownLines())
                    .anyMatch(line -> line.startsWith("demo: look at " + url + "/ "))
                    .containsSubsequence(
                            "egress is ready",
                            line(program, "egress exited with code 1; restarting in "),
                            line(program, "egress is ready again after "),
                            line(program, "bundle running, ready, since "),
                            line(program, "egress  "),
                            line(program, "supervise  "),
                            "now try, in another terminal:",
                            line(program, "  kill "),
                            line(program, "  ./sidecar-init status --url " + url + " "),
                            line(program, "  curl -N " + url + "/events "),
                            line(program, "  " + url + "/ "),
                            "Ctrl-C stops the demo");
            assertThat(program.lines()).noneMatch(line -> line.contains("\u001b"));
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 0");
            assertThat(code).isZero();
        }
    }

    @Test
    void underThePolicyLeaveItSaysSoAfterTheDeath() throws Exception {
        // Given
        try (Program program = ProgramBuilder.of("demo")
                .env("CLAUDE_BOTTLE_SIDECAR_FAILURE_POLICY", "leave")
                .start()) {
            // When
            program.awaitLine("sidecar-init: Ctrl-C stops the demo");
            program.stop();

            // Then
            assertThat(program.ownLines())
                    .containsSubsequence(
                            "egress exited with code 1" + Program.LEAVE,
                            line(program, "bundle running, not ready, since "),
                            "now try, in another terminal:");
        }
    }

    private static MatchResult find(Program program, Pattern pattern) {
        return program.ownLines().stream()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + pattern + " in " + program.ownLines()))
                .toMatchResult();
    }

    /** The last of our own lines that begins so. */
    private static String line(Program program, String beginning) {
        List<String> lines = program.ownLines().stream()
                .filter(line -> line.startsWith(beginning))
                .toList();
        assertThat(lines).as("lines that begin with " + beginning).isNotEmpty();
        return lines.getLast();
    }
}
