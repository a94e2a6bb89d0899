package dev.claudebottle.sidecar.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.it.Command.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is in {@code deploy/kubernetes}, before an API server that enforces PodSecurity. Nothing is stored. */
@NeedsCluster(NeedsCluster.Kind.API)
class ApiServerIT {

    private static final Path CHART = Sources.DEPLOY.resolve("chart");

    /** Those with which the guards pass as "restricted" come first. */
    private static final List<List<String>> RESTRICTED = List.of(
            List.of("restricted"),
            List.of("restricted", "given-ca"),
            List.of("restricted", "git-ssh"),
            List.of("restricted", "credentials"),
            List.of("git-ssh", "credentials", "given-ca", "restricted", "user-namespace"));

    private static final List<List<String>> BASELINE = List.of(
            List.of(),
            List.of("given-ca"),
            List.of("git-ssh"),
            List.of("credentials"),
            List.of("user-namespace"),
            List.of("node-may-answer"),
            List.of("sandbox"),
            List.of("sandbox-template"),
            List.of("git-ssh", "given-ca", "credentials", "user-namespace", "sandbox"));

    @BeforeAll
    static void prepare() {
        Kubectl cluster = new Kubectl("default");
        for (String folder : System.getenv("CRDS").split("\\n")) {
            // the definitions are too large for the annotation of a client's apply
            cluster.run("apply", "--server-side", "--filename", folder).succeeded();
        }
        cluster.run("wait", "--for=condition=Established", "customresourcedefinitions", "--all", "--timeout=180s")
                .succeeded();
        for (String profile : List.of("baseline", "restricted")) {
            namespace(profile, profile);
        }
        namespace("alice", "baseline");
        namespace("monitoring", "restricted");
    }

    static Stream<Path> values() throws IOException {
        return Stream.concat(Stream.of(CHART.resolve("values.yaml")), Files.list(CHART.resolve("ci")));
    }

    @ParameterizedTest
    @FieldSource({"BASELINE", "RESTRICTED"})
    void theBasePassesWithEachComponentWhereBaselineIsEnforced(List<String> components) {
        accept("baseline", base("baseline", components));
    }

    @ParameterizedTest
    @FieldSource("RESTRICTED")
    void theBasePassesWithTheComponentRestrictedWhereRestrictedIsEnforced(List<String> components) {
        accept("restricted", base("restricted", components));
    }

    @ParameterizedTest
    @FieldSource("BASELINE")
    void theAgentsPodPassesWhereRestrictedIsEnforcedAndTheGuardsWhichStartAsRootDoNot(List<String> components) {
        Kubectl namespace = new Kubectl("restricted");
        for (String pod : Pods.of(applied(namespace, base("restricted", components)))) {
            Result result = namespace.apply(pod, "--dry-run=server");
            if (pod.contains("\"name\":\"bottle-agent\"")) {
                result.succeeded();
            } else {
                assertThat(result.failed().output()).contains("violates PodSecurity \"restricted:latest\"");
            }
        }
    }

    @Test
    void everyComponentIsTested() throws IOException {
        try (Stream<Path> components = Files.list(Sources.DEPLOY.resolve("components"))) {
            assertThat(Stream.of(BASELINE, RESTRICTED).flatMap(List::stream).flatMap(List::stream))
                    .containsAll(components
                            .map(path -> path.getFileName().toString())
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void theChartPassesWithEachFileOfValuesUnderItsProfile(Path values) {
        String profile = Sources.read(values).contains("profile: restricted") ? "restricted" : "baseline";
        accept(profile, Render.chart(profile, values));
    }

    @Test
    void theExamplePasses() {
        accept("alice", Render.folder(Sources.DEPLOY.resolve("example")));
    }

    @Test
    void theMonitoringPasses() {
        applied(new Kubectl("monitoring"), Render.folder(Sources.DEPLOY.resolve("monitoring")));
    }

    @Test
    void theServerRefusesAnUnknownKey() {
        String misspelt =
                base("baseline", List.of()).replace("terminationGracePeriodSeconds:", "terminationGracePeriod:");
        assertThat(new Kubectl("baseline")
                        .apply(misspelt, "--dry-run=server")
                        .failed()
                        .output())
                .contains("terminationGracePeriod");
    }

    private static void namespace(String name, String profile) {
        new Kubectl(name)
                .create(profile)
                .run("create", "serviceaccount", "default")
                .succeeded();
    }

    private static String base(String namespace, List<String> components) {
        return Render.base(
                namespace,
                components.stream()
                        .map(name -> Sources.DEPLOY.resolve("components/" + name))
                        .toList(),
                "");
    }

    /** The server accepts the objects, and the pods that controllers would make of them: that of the guards and that of the agent, if it is here. */
    private static void accept(String namespace, String manifests) {
        Kubectl kubectl = new Kubectl(namespace);
        List<String> pods = Pods.of(applied(kubectl, manifests));
        assertThat(pods).hasSize(2);
        for (String pod : pods) {
            kubectl.apply(pod, "--dry-run=server").succeeded();
        }
    }

    private static String applied(Kubectl kubectl, String manifests) {
        String output = kubectl.apply(manifests, "--dry-run=server", "--output=json")
                .succeeded()
                .output();
        return output.substring(output.indexOf("{\n"));
    }
}
