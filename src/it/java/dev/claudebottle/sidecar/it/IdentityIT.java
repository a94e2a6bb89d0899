package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The variables that say who the bundle is. */
@NeedsNamespaces
class IdentityIT {

    private static final String PREFIX = "CLAUDE_BOTTLE_SIDECAR_";
    private static final String JSON = "logs: {format: json}";

    private static ProgramBuilder known(BundleText bundle) {
        return ProgramBuilder.of(bundle)
                .env(PREFIX + "BOTTLE", "b-17")
                .env(PREFIX + "NAMESPACE", "fleet")
                .env(PREFIX + "POD", "b-17-guard-0");
    }

    private static String info(Program program) {
        return program.http
                .get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("sidecar_info{"))
                .findFirst()
                .orElseThrow();
    }

    private static List<Map<String, Object>> objects(Program program) {
        return program.lines().stream()
                .map(line -> JsonPath.from(line).<String, Object>getMap("$"))
                .toList();
    }

    @Test
    void eventsAreFromThisPodOfThisBottleInThisNamespace() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program program = known(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("bundle.ready", 1);

            // Then
            assertThat(stream.events())
                    .allSatisfy(event ->
                            assertThat(event.json()).containsEntry("source", "/sidecar-init/fleet/b-17/b-17-guard-0"));
        }
    }

    @Test
    void withoutAPodTheHostStandsForIt() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle)
                        .env(PREFIX + "BOTTLE", "b-17")
                        .setup("echo host $(hostname)")
                        .start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            stream.await("bundle.ready", 1);

            // Then
            String host = program.lines().getFirst().replace("host ", "");
            assertThat(stream.events().getFirst().json()).containsEntry("source", "/sidecar-init/b-17/" + host);
        }
    }

    @Test
    void theMetricsSayWhoTheBundleIsAndWhatIsNotSetIsEmpty() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT);

        // When
        try (Program known = known(bundle).start();
                Program unknown =
                        ProgramBuilder.of(bundle).env(PREFIX + "POD", "").start()) {
            known.awaitHttp();
            unknown.awaitHttp();

            // Then
            assertThat(info(known))
                    .matches(
                            "sidecar_info\\{bottle=\"b-17\",namespace=\"fleet\",pod=\"b-17-guard-0\",version=\"[0-9][^\"]*\",?} 1.0");
            assertThat(info(unknown))
                    .matches("sidecar_info\\{bottle=\"\",namespace=\"\",pod=\"\",version=\"[0-9][^\"]*\",?} 1.0");
        }
    }

    @Test
    void eachLineOfJsonSaysWhoTheBundleIs() throws Exception {
        // Given
        BundleText bundle = bundle(JSON).daemon("egress", "echo up; exit 3");

        // When
        try (Program program = known(bundle).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(3);
            assertThat(objects(program))
                    .hasSizeGreaterThan(2)
                    .allSatisfy(line -> assertThat(line)
                            .containsEntry("bottle", "b-17")
                            .containsEntry("namespace", "fleet")
                            .containsEntry("pod", "b-17-guard-0"));
            assertThat(objects(program))
                    .anySatisfy(line -> assertThat(line).containsEntry("daemon", "egress"))
                    .anySatisfy(line -> assertThat(line).containsEntry("message", "exit 3"));
        }
    }

    @Test
    void whatIsNotSetIsInNoLineAndTextHasNoneOfIt() throws Exception {
        // Given
        BundleText json = bundle(JSON).daemon("egress", "echo up");
        BundleText text = bundle().daemon("egress", "echo up");

        // When
        try (Program some =
                        ProgramBuilder.of(json).env(PREFIX + "BOTTLE", "b-17").start();
                Program none = ProgramBuilder.of(json).start();
                Program plain = known(text).start()) {
            some.exitCode();
            none.exitCode();
            plain.exitCode();

            // Then
            assertThat(objects(some))
                    .isNotEmpty()
                    .allSatisfy(line ->
                            assertThat(line).containsEntry("bottle", "b-17").doesNotContainKeys("namespace", "pod"));
            assertThat(objects(none))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line).doesNotContainKeys("bottle", "namespace", "pod"));
            assertThat(plain.lines())
                    .contains("[egress] up")
                    .noneMatch(line -> line.contains("b-17") || line.contains("fleet"));
        }
    }

    @Test
    void wrongNamesAreRefusedTogetherWithAllOtherMistakesAndNothingIsStarted() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(bundle("notify: {urls: []}").daemon("egress", "echo up"))
                .env(PREFIX + "BOTTLE", "my bottle")
                .env(PREFIX + "NAMESPACE", "a/b")
                .env(PREFIX + "POD", "x".repeat(254))
                .env("K_SINK", "broker");

        // When
        try (Program program = builder.start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(2);
            assertThat(program.lines()).isEmpty();
            List<String> begins = new ArrayList<>();
            for (String name : List.of("BOTTLE", "NAMESPACE", "POD")) {
                begins.add(PREFIX + name + ": ");
            }
            begins.add("K_SINK: not an http or https URL; expected a URL with a host");
            for (String begin : begins) {
                assertThat(program.errors()).anyMatch(line -> line.startsWith(begin) && line.contains("; expected "));
            }
            assertThat(program.errors())
                    .hasSize(5)
                    .anyMatch(line -> line.endsWith("notify.urls: an empty list; expected a list of 1 to 8 URLs"));
        }
    }
}
