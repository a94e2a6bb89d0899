package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.quoted;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.it.EventStreamClient.Event;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code notify}: events are POSTed to a receiver. */
@NeedsNamespaces
class NotifyIT {

    private static final String ROOT = "";
    private static final String NOBODY = "setpriv --reuid 54323 --regid 54323 --clear-groups ";

    private static final String RESTART = "failure_policy: restart";

    private static final Set<String> NOTIFIED =
            Set.of("daemon.exited", "daemon.unready", "daemon.restarting", "daemon.crash-looping", "daemon.recovered");

    @TempDir
    Path directory;

    private static String notify(String url) {
        return "notify: {url: " + quoted(url) + "}";
    }

    private static String notifyAll(String... urls) {
        return "notify: {urls: [" + Stream.of(urls).map(BundleText::quoted).collect(Collectors.joining(", ")) + "]}";
    }

    /** The ids of the events that should have been notified so far, in order. */
    private static List<String> expected(EventStreamClient stream) {
        return stream.events().stream()
                .filter(event -> NOTIFIED.contains(event.type()))
                .map(Event::id)
                .toList();
    }

    private static List<String> received(Receiver receiver) {
        return receiver.events().stream().map(Event::id).toList();
    }

    private static LinuxProcess running(Program program, String daemon) {
        program.awaitState(daemon, "running");
        return program.inside((int) program.http.daemon(daemon).get("pid"));
    }

    private static void killThreeTimes(Program program, EventStreamClient stream) throws Exception {
        for (int death = 1; death <= 3; death++) {
            program.kill("egress");
            stream.await("daemon.recovered", death);
        }
    }

    /** @param user a command that runs another one as the user of the program */
    private static void limit(String user, Program program, String limit) {
        assertThat(LinuxProcess.shell(user + "prlimit --pid " + program.proc().pid() + " --" + limit + ":1000"))
                .isZero();
    }

    @Test
    void fiveTypesAreNotifiedInOrderAndNoOthers() throws Exception {
        // Given
        Path file = Files.createFile(directory.resolve("ready"));
        try (Receiver receiver = Receiver.answering(_ -> 204)) {
            BundleText bundle = bundle(
                            RESTART,
                            "restart: {initial_delay: 10ms, max_delay: 20ms, crash_loop_deaths: 2}",
                            notify(receiver.url("/hook?key=1")))
                    .daemon(
                            "egress",
                            OBEDIENT,
                            "readiness: {exec: [test, -e, " + file + "], period: 50ms, timeout: 5s}");

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                program.kill("egress");
                stream.await("daemon.recovered", 1);
                Files.delete(file);
                stream.await("daemon.unready", 1);
                Files.createFile(file);
                stream.await("daemon.recovered", 2);
                program.kill("egress");
                stream.await("daemon.recovered", 3);
                program.awaitThat("all of it", () -> receiver.requests().size() >= 9);

                // Then
                assertThat(receiver.events().stream().map(Event::type))
                        .containsExactly(
                                "daemon.exited",
                                "daemon.restarting",
                                "daemon.recovered",
                                "daemon.unready",
                                "daemon.recovered",
                                "daemon.exited",
                                "daemon.crash-looping",
                                "daemon.restarting",
                                "daemon.recovered");
                assertThat(received(receiver)).isEqualTo(expected(stream));
                assertThat(receiver.events())
                        .allSatisfy(event -> assertThat(stream.events()).contains(event));
                assertThat(receiver.requests()).allSatisfy(request -> {
                    assertThat(request.method()).isEqualTo("POST");
                    assertThat(request.target()).isEqualTo("/hook?key=1");
                    assertThat(request.contentType()).startsWith("application/cloudevents+json");
                });
            }
        }
    }

    @Test
    void whileTheReceiverIsDownEventsWaitAndAreThenDeliveredInOrder() throws Exception {
        // Given: no receiver, later one that answers with an error at first
        int port = ProgramBuilder.freePort();
        BundleText bundle = bundle(RESTART, QUICK, notify("http://127.0.0.1:" + port + "/events"))
                .daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            killThreeTimes(program, stream);
            List<Integer> answers = List.of(503, 429, 408, 200, 500);
            try (Receiver receiver = Receiver.at(port, before -> before < answers.size() ? answers.get(before) : 202)) {
                List<String> ids = expected(stream);
                program.awaitThat("all of it", () -> received(receiver).contains(ids.getLast()));

                // Then: failed requests were retried, in order
                assertThat(ids).hasSizeGreaterThanOrEqualTo(9);
                assertThat(received(receiver).stream().distinct()).isEqualTo(ids);
                assertThat(received(receiver).subList(0, 6))
                        .containsExactly(ids.get(0), ids.get(0), ids.get(0), ids.get(0), ids.get(1), ids.get(1));
                assertThat(program.stop()).isZero();
            }
        }
    }

    @Test
    void theReceiverMayBeTheDaemonThatDied() throws Exception {
        // Given
        assumeTrue(LinuxProcess.exists("perl"), "perl is not here");
        int port = ProgramBuilder.freePort();
        String server = "use IO::Socket::INET; $| = 1; $s = IO::Socket::INET->new(Listen => 9, ReuseAddr => 1,"
                + " LocalAddr => '127.0.0.1', LocalPort => " + port + ") or die; print qq(up\\n);"
                + " while ($c = $s->accept) { $n = 0; while (<$c>) { $n = $1 if /^content-length: (\\d+)/i;"
                + " last if /^\\r/ }"
                + " read $c, $b, $n; print qq(got $1\\n) if $b =~ /daemon\\.([a-z-]+)/;"
                + " print $c qq(HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n); close $c }";
        BundleText bundle = bundle(RESTART, QUICK, notify("http://127.0.0.1:" + port + "/events"))
                .command("supervise", List.of("perl", "-e", server));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("supervise");
            program.awaitHttp();
            program.kill("supervise");
            program.awaitThat("all of it", () -> program.linesOf("supervise").contains("got recovered"));

            // Then
            assertThat(program.linesOf("supervise"))
                    .containsSubsequence("up", "up", "got exited", "got restarting", "got recovered");
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void theAnswer410EndsNotification() throws Exception {
        // Given
        try (Receiver receiver = Receiver.answering(_ -> 410)) {
            BundleText bundle =
                    bundle(RESTART, QUICK, notify(receiver.url("/events"))).daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                for (int death = 1; death <= 4; death++) {
                    program.kill("egress");
                    program.awaitThat(
                            "the first request", () -> !receiver.requests().isEmpty());
                    stream.await("daemon.recovered", death);
                }
                int code = program.stop();

                // Then
                assertThat(receiver.requests()).hasSize(1);
                assertThat(code).isZero();
            }
        }
    }

    @Test
    void aReceiverThatIsDownHangsOrEndsNotificationHoldsUpNoOther() throws Exception {
        // Given
        int down = ProgramBuilder.freePort();
        try (Receiver gone = Receiver.answering(_ -> 410);
                Receiver hanging = Receiver.answering(before -> before == 0 ? -1 : 204);
                Receiver well = Receiver.answering(_ -> 204)) {
            BundleText bundle = bundle(
                            RESTART,
                            QUICK,
                            notifyAll(
                                    gone.url("/events"),
                                    hanging.url("/events"),
                                    "http://127.0.0.1:" + down + "/events",
                                    well.url("/events")))
                    .daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                killThreeTimes(program, stream);
                program.awaitThat("all of it", () -> well.requests().size() >= 9);

                // Then: each has its own order and its own retries
                List<String> ids = expected(stream);
                assertThat(received(well)).isEqualTo(ids);
                program.awaitThat("the end of one", () -> !gone.requests().isEmpty());
                program.awaitThat("the hanging one", () -> received(hanging).contains(ids.getLast()));
                assertThat(received(hanging).stream().distinct()).isEqualTo(ids);
                try (Receiver back = Receiver.at(down, _ -> 204)) {
                    program.awaitThat(
                            "the one that was down", () -> received(back).contains(ids.getLast()));
                    assertThat(received(back)).isEqualTo(ids);
                }
                assertThat(gone.requests()).hasSize(1);
                assertThat(program.stop()).isZero();
            }
        }
    }

    @Test
    void theSinkOfTheEnvironmentIsAReceiverAloneAndBesideThoseOfTheFile() throws Exception {
        // Given
        try (Receiver one = Receiver.answering(_ -> 204);
                Receiver other = Receiver.answering(_ -> 204);
                Receiver sink = Receiver.answering(_ -> 202)) {
            BundleText alone = bundle(RESTART, QUICK).daemon("egress", OBEDIENT);
            BundleText beside = bundle(RESTART, QUICK, notifyAll(one.url("/1"), other.url("/2")))
                    .daemon("egress", OBEDIENT);

            // When
            for (BundleText bundle : List.of(alone, beside)) {
                try (Program program = ProgramBuilder.of(bundle)
                                .env("K_SINK", sink.url("/sink"))
                                .start();
                        EventStreamClient stream = EventStreamClient.to(program)) {
                    int before = sink.requests().size();
                    program.kill("egress");
                    stream.await("daemon.recovered", 1);
                    program.awaitThat("all of it", () -> sink.requests("/sink").size() >= before + 3);
                    if (bundle == beside) {
                        program.awaitThat("the others", () -> one.requests("/1").size() >= 3);
                        program.awaitThat(
                                "the others", () -> other.requests("/2").size() >= 3);
                    }

                    // Then
                    assertThat(received(sink).subList(before, before + 3)).isEqualTo(expected(stream));
                    program.stop();
                }
            }
            assertThat(received(one))
                    .isEqualTo(received(other))
                    .isEqualTo(received(sink).subList(3, 6));
        }
    }

    @Test
    void anyOtherAnswerDropsTheEventWithOneLogLine() throws Exception {
        // Given
        List<Integer> answers = List.of(302, 404, 204);
        try (Receiver receiver = Receiver.answering(before -> before < answers.size() ? answers.get(before) : 204)) {
            BundleText bundle =
                    bundle(RESTART, QUICK, notify(receiver.url("/events"))).daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                program.kill("egress");
                stream.await("daemon.recovered", 1);
                program.awaitStart("egress", 2);
                program.kill("egress");
                stream.await("daemon.recovered", 2);
                program.awaitThat("all of it", () -> receiver.requests().size() >= 6);
                program.stop();

                // Then
                assertThat(received(receiver)).isEqualTo(expected(stream).subList(0, 6));
                assertThat(receiver.requests("/elsewhere")).isEmpty();
                assertThat(program.ownLines().stream()
                                .filter(line -> !line.contains("egress is"))
                                .filter(line -> line.contains("302") || line.contains("404")))
                        .hasSize(2);
            }
        }
    }

    @Test
    void theReceiverMayListenOnAnyAddressOfLocalhostAndGetsTheUserOfItsUrlWhichIsShownNowhere() throws Exception {
        // Given: an answer that is logged
        try (Receiver receiver = Receiver.onIpv6(before -> before == 0 ? 401 : 204)) {
            String url = "http://me:p%40ss-hunter2@localhost:" + receiver.port() + "/events";
            BundleText bundle = bundle(RESTART, QUICK, notify(url)).daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                program.kill("egress");
                stream.await("daemon.recovered", 1);
                program.awaitThat("all of it", () -> receiver.requests().size() >= 3);
                String status = program.http.get("/status").body();
                program.stop();

                // Then
                String credentials = Base64.getEncoder().encodeToString("me:p@ss-hunter2".getBytes(UTF_8));
                assertThat(receiver.requests())
                        .extracting(Receiver.Request::authorization)
                        .containsOnly("Basic " + credentials);
                assertThat(program.lines())
                        .anyMatch(line -> line.contains("http://***@localhost:" + receiver.port() + "/events"))
                        .noneMatch(line -> line.contains("hunter2") || line.contains(credentials));
                assertThat(status).doesNotContain("hunter2");
                assertThat(stream.events().toString()).doesNotContain("hunter2");
            }
        }
    }

    @Test
    void nothingIsNotifiedOnceTheBundleStops() throws Exception {
        // Given
        try (Receiver receiver = Receiver.answering(_ -> 204)) {
            BundleText bundle = bundle("stop_grace_period: 500ms", notify(receiver.url("/events")))
                    .daemon("egress", OBEDIENT)
                    .daemon("deaf", IGNORES_TERM)
                    .daemon("worse", "trap 'exit 4' TERM; echo up; while :; do sleep 0.02; done");

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitUp("egress", "deaf", "worse");
                int code = program.stop();

                // Then
                assertThat(receiver.requests()).isEmpty();
                assertThat(code).isEqualTo(4);
            }
        }
    }

    @Test
    void aReceiverThatHangsDelaysNothing() throws Exception {
        // Given
        try (Receiver receiver = Receiver.answering(_ -> -1)) {
            BundleText bundle = bundle(RESTART, QUICK, "stop_grace_period: 2s", notify(receiver.url("/events")))
                    .daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitHttp();
                program.kill("egress");
                program.awaitThat("the hanging one", () -> !receiver.requests().isEmpty());
                for (int start = 2; start <= 4; start++) {
                    program.awaitStart("egress", start);
                    program.kill("egress");
                }
                program.awaitStart("egress", 5);
                int live = program.http.health("live");
                program.signal("TERM");
                int code = program.exitCodeWithin(Duration.ofMillis(3500));

                // Then
                assertThat(live).isEqualTo(200);
                assertThat(program.ownLines()).noneMatch(line -> line.contains("elapsed"));
                assertThat(code).isZero();
            }
        }
    }

    @Test
    void aRequestToAReceiverThatHangsIsRetried() throws Exception {
        // Given
        try (Receiver receiver = Receiver.answering(before -> before == 0 ? -1 : 204)) {
            BundleText bundle =
                    bundle(RESTART, QUICK, notify(receiver.url("/events"))).daemon("egress", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                program.kill("egress");
                stream.await("daemon.recovered", 1);
                List<String> ids = expected(stream);
                program.awaitThat("all of it", () -> receiver.requests().size() >= 4);

                // Then
                assertThat(received(receiver)).containsExactly(ids.get(0), ids.get(0), ids.get(1), ids.get(2));
            }
        }
    }

    @Test
    void aDeathIsNotifiedWhileNoThreadCanBeMade() throws Exception {
        // Given: a user other than root, whom the limit would not bind
        Program.assumeReadableByAnyone();
        try (Receiver receiver = Receiver.answering(_ -> 204)) {
            BundleText bundle = bundle(notify(receiver.url("/events")))
                    .daemon("egress", OBEDIENT)
                    .daemon("pipelock", OBEDIENT);
            ProgramBuilder builder = ProgramBuilder.of(bundle).setup("set -- " + NOBODY + "\"$@\"");

            // When
            try (Program program = builder.start()) {
                LinuxProcess egress = running(program, "egress");
                limit(NOBODY, program, "nproc=1");
                assertThat(egress.kill()).isTrue();

                // Then
                program.awaitThat("the death", () -> !receiver.requests().isEmpty());
                assertThat(receiver.events()).extracting(Event::type).containsExactly("daemon.exited");
            }
        }
    }

    @Test
    void aDeathThatCanNotBeNotifiedForLackOfDescriptorsIsNotifiedLater() throws Exception {
        // Given
        try (Receiver receiver = Receiver.answering(_ -> 204)) {
            BundleText bundle = bundle(notify(receiver.url("/events")))
                    .daemon("egress", OBEDIENT)
                    .daemon("pipelock", OBEDIENT);

            // When
            try (Program program = ProgramBuilder.of(bundle).start();
                    EventStreamClient stream = EventStreamClient.to(program)) {
                LinuxProcess egress = running(program, "egress");
                limit(ROOT, program, "nofile=3");
                assertThat(egress.kill()).isTrue();
                String said = "cannot notify " + receiver.url("/events") + ": Too many open files; trying again";
                program.awaitLine("sidecar-init: " + said);
                limit(ROOT, program, "nofile=1000");

                // Then
                program.awaitThat("the death", () -> !receiver.requests().isEmpty());
                assertThat(received(receiver)).isEqualTo(expected(stream));
                assertThat(program.ownLines()).containsOnlyOnce(said);
                assertThat(program.stop()).isEqualTo(137);
            }
        }
    }

    @Test
    void superviseIsTheDefaultReceiverIfItIsSelected() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, QUICK).daemon("egress", OBEDIENT).daemon("supervise", OBEDIENT);
        try (Receiver receiver = Receiver.at(9100, _ -> 204)) {

            // When
            try (Program without = ProgramBuilder.of(bundle)
                            .with("--daemons", "egress")
                            .start();
                    EventStreamClient stream = EventStreamClient.to(without)) {
                without.kill("egress");
                stream.await("daemon.recovered", 1);
                without.stop();
            }
            int withoutSupervise = receiver.requests().size();
            try (Program with = ProgramBuilder.of(bundle).start()) {
                with.awaitHttp();
                with.kill("egress");
                with.awaitThat("all of it", () -> receiver.requests().size() >= 3);
                with.stop();
            }

            // Then
            assertThat(withoutSupervise).isZero();
            assertThat(receiver.requests("/events")).hasSize(3);
        } catch (BindException taken) {
            assumeTrue(false, "port 9100 is taken on this machine");
        }
    }
}
