package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.it.EventStreamClient.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /events}. */
@NeedsNamespaces
class EventsIT {

    private static final String RESTART = "failure_policy: restart";
    private static final String TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z";
    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    @TempDir
    Path directory;

    private static List<String> typesOf(List<Event> events) {
        return events.stream().map(Event::type).toList();
    }

    private static List<String> ids(EventStreamClient stream) {
        return stream.events().stream().map(Event::id).toList();
    }

    @Test
    void everyEventIsACloudEventWithTheIdOfTheStream() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, QUICK).daemon("egress", OBEDIENT);

        // When
        try (Program program =
                        ProgramBuilder.of(bundle).setup("echo host $(hostname)").start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            program.kill("egress");
            stream.await("daemon.recovered", 1);

            // Then
            List<Event> events = stream.events();
            String boot = events.getFirst().id().replaceAll("-[0-9]+$", "");
            String host = program.lines().getFirst().replace("host ", "");
            assertThat(stream.contentType()).startsWith("text/event-stream");
            assertThat(boot).matches(UUID);
            assertThat(events).allSatisfy(event -> {
                assertThat(event.json())
                        .containsEntry("specversion", "1.0")
                        .containsEntry("id", event.id())
                        .containsEntry("source", "/sidecar-init/" + host)
                        .containsEntry("datacontenttype", "application/json");
                assertThat(event.json().get("type").toString()).startsWith(EventStreamClient.PREFIX);
                assertThat(event.json().get("time").toString()).matches(TIME);
                assertThat(event.json().containsKey("subject"))
                        .isEqualTo(event.type().startsWith("daemon."));
            });
            assertThat(events.stream().map(Event::id).toList())
                    .isEqualTo(IntStream.rangeClosed(1, events.size())
                            .mapToObj(number -> boot + "-" + number)
                            .toList());
        }
    }

    @Test
    void theEventsOfAStartAreReplayed() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When: the client connects after the start
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            try (EventStreamClient stream = EventStreamClient.to(program)) {
                stream.await("bundle.ready", 1);

                // Then
                assertThat(stream.types())
                        .startsWith("bundle.started")
                        .endsWith("bundle.ready")
                        .hasSize(6);
                assertThat(typesOf(stream.of("egress"))).containsExactly("daemon.started", "daemon.ready");
                assertThat(typesOf(stream.of("pipelock"))).containsExactly("daemon.started", "daemon.ready");
                assertThat(stream.first("egress", "daemon.ready").data())
                        .containsEntry("state", "running")
                        .containsEntry("pid", program.http.daemon("egress").get("pid"))
                        .containsEntry("restarts", 0);
            }
        }
    }

    @Test
    void theEventsOfADeathComeLiveInOrderAndComplete() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 200ms, max_delay: 30s}")
                .daemon("egress", "echo one; echo two; " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            program.awaitUp("egress");
            stream.await("bundle.ready", 1);
            int before = stream.events().size();
            int killed = program.kill("egress");
            stream.await("bundle.ready", 2);
            int next = (int) program.http.daemon("egress").get("pid");

            // Then
            assertThat(stream.types().subList(before, stream.types().size()))
                    .containsExactly(
                            "daemon.exited",
                            "daemon.restarting",
                            "daemon.started",
                            "daemon.ready",
                            "daemon.recovered",
                            "bundle.ready");
            Event exited = stream.first("egress", "daemon.exited");
            assertThat(exited.data())
                    .containsEntry("state", "backoff")
                    .containsEntry("pid", killed)
                    .containsEntry("code", 137)
                    .containsEntry("signal", "SIGKILL")
                    .containsEntry("reason", "signal")
                    .containsEntry("error", null)
                    .containsEntry("restarts", 0)
                    .containsKey("oomKilled")
                    .containsEntry("output", List.of("one", "two", "up"));
            Event restarting = stream.first("egress", "daemon.restarting");
            assertThat(restarting.seconds("nextStartInSeconds")).isBetween(0.18, 0.22);
            Event started = stream.of("egress").stream()
                    .filter(event -> event.type().equals("daemon.started"))
                    .toList()
                    .getLast();
            assertThat(started.data()).containsEntry("pid", next).containsEntry("restarts", 1);
            assertThat(stream.first("egress", "daemon.recovered").seconds("gapSeconds"))
                    .isGreaterThanOrEqualTo(0.18);
        }
    }

    @ParameterizedTest
    @CsvSource({"20, 13, 20", "3, 30, 3"})
    void anExitCarriesTheLastLinesOfOutput(String lines, int first, int count) throws Exception {
        // Given: output with control characters, which are escaped as on stdout
        String script = "for i in $(seq 31); do echo $i; done; printf 'red \\033[31m'; exit 1";
        BundleText bundle = lines.equals("20") ? bundle() : bundle("events: {output_lines: " + lines + "}");
        bundle.daemon("egress", script).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.exited", 1);

            // Then
            List<?> output =
                    (List<?>) stream.first("egress", "daemon.exited").data().get("output");
            assertThat(output).hasSize(count).first().isEqualTo(Integer.toString(first));
            assertThat(output).last().isEqualTo("red \\x1b[31m");
        }
    }

    @Test
    void withoutOutputLinesAnExitHasNone() throws Exception {
        // Given
        BundleText bundle = bundle("events: {output_lines: 0}")
                .daemon("egress", "echo secret; exit 1")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.exited", 1);

            // Then
            assertThat(stream.events().toString()).doesNotContain("secret");
            assertThat(program.linesOf("egress")).containsExactly("secret");
        }
    }

    @Test
    void theLastLinesAreThoseOfTheStartThatDied() throws Exception {
        // Given
        Path lives = directory.resolve("lives");
        BundleText bundle = bundle(RESTART, QUICK)
                .daemon(
                        "egress",
                        "echo x >>" + lives + "; echo life $(wc -l <" + lives + "); " + "[ $(wc -l <" + lives
                                + ") -gt 3 ] || exit 1; exec sleep 1000");

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.exited", 3);

            // Then
            assertThat(stream.of("egress").stream()
                            .filter(event -> event.type().equals("daemon.exited"))
                            .map(event -> event.data().get("output")))
                    .containsExactly(List.of("life 1"), List.of("life 2"), List.of("life 3"));
        }
    }

    @Test
    void aStartThatFailedIsAnExitWithItsError() throws Exception {
        // Given
        BundleText bundle =
                bundle().command("egress", List.of("/no/such/program")).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.exited", 1);

            // Then
            assertThat(typesOf(stream.of("egress"))).containsExactly("daemon.exited");
            assertThat(stream.first("egress", "daemon.exited").data())
                    .containsEntry("state", "exited")
                    .containsEntry("pid", null)
                    .containsEntry("code", 127)
                    .containsEntry("signal", null)
                    .containsEntry("error", "No such file or directory");
        }
    }

    @Test
    void aCrashLoopIsAnEventBetweenItsDeathAndTheRestart() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 10ms, max_delay: 20ms, crash_loop_deaths: 2}")
                .daemon("egress", BundleText.dies(3, 1, directory));

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            program.awaitUp("egress");
            stream.await("daemon.recovered", 3);

            // Then
            assertThat(typesOf(stream.of("egress")))
                    .containsSubsequence(
                            "daemon.exited",
                            "daemon.restarting",
                            "daemon.exited",
                            "daemon.crash-looping",
                            "daemon.restarting",
                            "daemon.exited",
                            "daemon.restarting")
                    .containsOnlyOnce("daemon.crash-looping");
        }
    }

    @Test
    void readyAndUnreadyAreEvents() throws Exception {
        // Given
        Path file = Files.createFile(directory.resolve("ready"));
        BundleText bundle = bundle().daemon(
                        "egress", OBEDIENT, "readiness: {exec: [test, -e, " + file + "], period: 50ms, timeout: 5s}");

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.ready", 1);
            Files.delete(file);
            stream.await("daemon.unready", 1);
            Files.createFile(file);
            stream.await("daemon.recovered", 1);

            // Then
            assertThat(typesOf(stream.of("egress")))
                    .containsExactly(
                            "daemon.started", "daemon.ready", "daemon.unready", "daemon.ready", "daemon.recovered");
            assertThat(stream.first("egress", "daemon.unready").data())
                    .containsEntry("state", "starting")
                    .containsEntry("error", "exit code 1")
                    .containsEntry("pid", program.http.daemon("egress").get("pid"));
            assertThat(stream.first("egress", "daemon.recovered").seconds("gapSeconds"))
                    .isGreaterThan(0);
        }
    }

    @Test
    void aLivenessKillIsAnExit() throws Exception {
        // Given
        BundleText bundle = bundle().daemon(
                        "egress",
                        OBEDIENT,
                        "liveness: {exec: [\"false\"], period: 50ms, timeout: 5s, failure_threshold: 2}")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("daemon.exited", 1);

            // Then
            assertThat(stream.first("egress", "daemon.exited").data())
                    .containsEntry("state", "exited")
                    .containsEntry("code", 143)
                    .containsEntry("signal", "SIGTERM");
        }
    }

    @Test
    void aClientThatResumesGetsTheEventsAfterItsLastId() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, QUICK).daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient all = EventStreamClient.to(program)) {
            program.kill("egress");
            all.await("bundle.ready", 2);
            String seen = ids(all).get(2);
            try (EventStreamClient resumed = EventStreamClient.resuming(program, seen)) {
                resumed.await("bundle.ready", 1);
                program.awaitStart("egress", 2);
                program.kill("egress");
                all.await("bundle.ready", 3);
                program.awaitThat("the last event", () -> ids(resumed).getLast().equals(ids(all).getLast()));

                // Then
                assertThat(ids(resumed))
                        .isEqualTo(ids(all).subList(3, all.events().size()));
            }
        }
    }

    @Test
    void anUnknownIdReplaysAllThatIsKept() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient all = EventStreamClient.to(program)) {
            all.await("bundle.ready", 1);
            try (EventStreamClient other =
                    EventStreamClient.resuming(program, "00000000-0000-4000-8000-000000000000-3")) {
                other.await("bundle.ready", 1);

                // Then
                assertThat(ids(other)).isEqualTo(ids(all));
            }
        }
    }

    @Test
    void theEventsOfAStopComeDuringTheStop() throws Exception {
        // Given
        BundleText bundle =
                bundle("stop_grace_period: 60s").daemon("deaf", IGNORES_TERM).daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            program.awaitUp("deaf", "egress");
            program.signal("TERM");
            stream.await("daemon.exited", 1);

            // Then
            List<String> types = stream.types();
            assertThat(types).containsSubsequence("bundle.stopping", "daemon.exited");
            assertThat(stream.first("egress", "daemon.exited").data())
                    .containsEntry("state", "exited")
                    .containsEntry("code", 143)
                    .containsEntry("signal", "SIGTERM");
            assertThat(types).doesNotContain("daemon.recovered", "daemon.restarting");
        }
    }
}
