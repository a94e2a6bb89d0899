package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    private static final String NAME = "A to Z, a to z, 0 to 9, _, . and -, a letter or digit first, at most 253";

    @TempDir
    Path dir;

    private final Map<String, String> environment = new HashMap<>();
    private String config;
    private String daemons;
    private String policy;
    private String grace;
    private String format;

    private Settings read() {
        return Settings.read(
                new Flags(
                        Optional.ofNullable(config),
                        Optional.ofNullable(daemons),
                        Optional.ofNullable(policy),
                        Optional.ofNullable(grace),
                        Optional.ofNullable(format)),
                environment);
    }

    private List<String> errors() {
        return catchThrowableOfType(InvalidBundleException.class, this::read).errors();
    }

    private void variable(String name, String value) {
        environment.put("CLAUDE_BOTTLE_SIDECAR_" + name, value);
    }

    private String file(String content) throws IOException {
        return Files.writeString(dir.resolve("b.yaml"), content).toString();
    }

    private static List<String> names(Settings settings) {
        return settings.bundle().daemons().stream().map(Daemon::name).toList();
    }

    /** The built-in rules with this URL, and no daemons. */
    private static Bundle rules(URI notifyUrl) {
        return Bundle.builder().notifyUrls(List.of(notifyUrl)).build();
    }

    @Test
    void byDefaultTheBuiltInBundleRuns() {
        assertThat(read().bundle().withDaemons(List.of())).isEqualTo(rules(URI.create("http://127.0.0.1:9100/events")));
        assertThat(read().bundle().daemons()).isEqualTo(BuiltInBundle.get().daemons());
        assertThat(read().unknownDaemons()).isEmpty();
        assertThat(read().http()).isEqualTo(new HttpAddress("127.0.0.1", 9180));
        assertThat(read().health()).isEmpty();
        assertThat(Settings.read(Flags.NONE, Map.of())).isEqualTo(read());
    }

    @Test
    void anEmptyVariableCountsAsUnset() {
        // Given
        for (String name : List.of(
                "CONFIG", "DAEMONS", "FAILURE_POLICY", "GRACE", "LOG_FORMAT", "SOCKET", "BOTTLE", "NAMESPACE", "POD")) {
            variable(name, "");
        }
        environment.put("QUARKUS_HTTP_HOST", "");
        environment.put("QUARKUS_HTTP_PORT", "");
        environment.put("K_SINK", "");

        // Then
        assertThat(read()).isEqualTo(Settings.read(Flags.NONE, Map.of()));
    }

    @Test
    void aFileReplacesTheBuiltInBundle() throws IOException {
        // Given
        String text = """
                failure_policy: teardown
                stop_grace_period: 3s
                restart: {max_delay: 1m}
                notify: {url: "http://a/"}
                events: {output_lines: 0}
                logs: {format: json}
                forward_hup: [web]
                daemons: {web: {command: [x]}}
                """;
        variable("CONFIG", file(text));

        // Then
        assertThat(read().bundle()).isEqualTo(BundleFixture.read(text));
    }

    @Test
    void aSelectionDropsDaemonsAndNothingElse() throws IOException {
        // Given
        String text = """
                failure_policy: restart
                stop_grace_period: 3s
                restart: {max_delay: 1m}
                notify: {url: "http://a/"}
                events: {output_lines: 0}
                logs: {format: json}
                forward_hup: [b, a]
                daemons:
                  a: {command: [x], depends_on: [b], readiness: {tcp: "h:1"}, liveness: {exec: [x]}}
                  b: {command: [x]}
                """;
        config = file(text);
        daemons = "a";

        // Then what names the other daemon stays
        Bundle all = BundleFixture.read(text);
        assertThat(read().bundle())
                .isEqualTo(all.withDaemons(List.of(all.daemons().getFirst())));
    }

    @ParameterizedTest
    @CsvSource({"'',true", "supervise,true", "'egress,supervise',true", "egress,false", "nobody,false"})
    void superviseIsNotifiedByDefaultWhenItIsSelected(String list, boolean notified) {
        daemons = list;

        assertThat(read().bundle().notifyUrls())
                .isEqualTo(notified ? List.of(URI.create("http://127.0.0.1:9100/events")) : List.of());
    }

    @Test
    void theSuperviseOfAFileIsNotifiedByDefaultToo() throws IOException {
        // Given
        config = file("notify: {}\ndaemons: {web: {command: [x]}, supervise: {command: [x]}}");

        // Then
        assertThat(read().bundle().notifyUrls()).containsExactly(URI.create("http://127.0.0.1:9100/events"));
        daemons = "web";
        assertThat(read().bundle().notifyUrls()).isEmpty();
    }

    @Test
    void aFileWithoutSuperviseNotifiesNobodyByDefault() throws IOException {
        config = file("daemons: {supervise-2: {command: [x]}}");

        assertThat(read().bundle().notifyUrls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "web"})
    void theFilesUrlWinsOverTheDefaultForAnySelection(String list) throws IOException {
        // Given
        config = file("notify: {url: \"http://a/\"}\ndaemons: {web: {command: [x]}, supervise: {command: [x]}}");
        daemons = list;

        // Then
        assertThat(read().bundle().notifyUrls()).containsExactly(URI.create("http://a/"));
    }

    @Test
    void theSinkOfTheEnvironmentIsNotifiedToo() throws IOException {
        // Given
        URI sink = URI.create("http://me:pw@broker.example/ns?x=y");
        environment.put("K_SINK", sink.toString());

        // Then: beside the default, alone, and beside those of a file
        assertThat(read().bundle().notifyUrls()).containsExactly(URI.create("http://127.0.0.1:9100/events"), sink);
        daemons = "egress";
        assertThat(read().bundle().notifyUrls()).containsExactly(sink);
        config = file("notify: {urls: [\"http://a/\", \"http://b/\"]}\ndaemons: {supervise: {command: [x]}}");
        daemons = null;
        assertThat(read().bundle().notifyUrls())
                .containsExactly(URI.create("http://a/"), URI.create("http://b/"), sink);
    }

    @Test
    void aSinkThatIsNotifiedAnywayIsNotNotifiedTwice() throws IOException {
        // Given
        config = file("notify: {urls: [\"http://a/\", \"http://b/\"]}\ndaemons: {web: {command: [x]}}");
        environment.put("K_SINK", "http://a/");

        // Then
        assertThat(read().bundle().notifyUrls()).containsExactly(URI.create("http://a/"), URI.create("http://b/"));
        config = null;
        environment.put("K_SINK", "http://127.0.0.1:9100/events");
        assertThat(read().bundle().notifyUrls()).containsExactly(URI.create("http://127.0.0.1:9100/events"));
    }

    @Test
    void aSinkThatWouldBeTheNinthReceiverIsRefused() throws IOException {
        // Given
        config = file("notify: {urls: [http://a, http://b, http://c, http://d, http://e, http://f, http://g, http://h]}"
                + "\ndaemons: {web: {command: [x]}}");
        environment.put("K_SINK", "http://h");

        // Then
        assertThat(read().bundle().notifyUrls()).hasSize(8);
        environment.put("K_SINK", "http://i");
        assertThat(errors())
                .containsExactly("K_SINK: one more than 8 URLs; expected at most 8, those of notify.urls included");
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "B-17", "team_a.b-17", "0", "9.z_"})
    void theNamesOfBottleNamespaceAndPodAreTaken(String name) {
        // Given
        variable("BOTTLE", name);

        // Then
        assertThat(read().bundle().identity())
                .isEqualTo(new Identity(Optional.of(name), Optional.empty(), Optional.empty()));
        variable("NAMESPACE", name + "n");
        variable("POD", "p".repeat(253));
        assertThat(read().bundle().identity())
                .isEqualTo(new Identity(Optional.of(name), Optional.of(name + "n"), Optional.of("p".repeat(253))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-a", ".", "..", "_a", "a b", "a/b", "a\"b", "a\\", "é", "a:1", "a%41", "a\n"})
    void anyOtherNameIsRefused(String name) {
        // Given
        variable("NAMESPACE", name);

        // Then
        assertThat(errors())
                .containsExactly("CLAUDE_BOTTLE_SIDECAR_NAMESPACE: \"" + name.replace("\n", "\\x0a")
                        + "\" is not a name; expected " + NAME);
    }

    @Test
    void aVariableWinsOverTheFileAndAFlagOverTheVariable() throws IOException {
        // Given
        config = file(
                "failure_policy: teardown\nstop_grace_period: 3s\nlogs: {format: json}\ndaemons: {web: {command: [x]}}");
        variable("CONFIG", "/nowhere");
        variable("FAILURE_POLICY", "leave");
        variable("GRACE", "4s");
        variable("LOG_FORMAT", "text");

        // Then the variable
        assertThat(read().bundle().failurePolicy()).isEqualTo(FailurePolicy.LEAVE);
        assertThat(read().bundle().stopGracePeriod().text()).isEqualTo("4s");
        assertThat(read().bundle().logs().format()).isEqualTo(LogFormat.TEXT);

        // And given flags too
        policy = "restart";
        grace = "500ms";
        format = "json";

        // Then the flag
        assertThat(read().bundle().failurePolicy()).isEqualTo(FailurePolicy.RESTART);
        assertThat(read().bundle().stopGracePeriod().text()).isEqualTo("500ms");
        assertThat(read().bundle().logs().format()).isEqualTo(LogFormat.JSON);
    }

    @Test
    void aDaemonKeepsItsOwnPolicyAndItsOwnGraceUpToTheBundles() throws IOException {
        // Given
        config = file("daemons: {a: {command: [x], failure_policy: leave, stop_grace_period: 5s},"
                + " b: {command: [x], stop_grace_period: 1s}}");
        policy = "teardown";
        grace = "2s";

        // When
        Bundle bundle = read().bundle();

        // Then
        assertThat(bundle.failurePolicyOf(bundle.daemons().getFirst())).isEqualTo(FailurePolicy.LEAVE);
        assertThat(bundle.failurePolicyOf(bundle.daemons().getLast())).isEqualTo(FailurePolicy.TEARDOWN);
        assertThat(bundle.stopGracePeriodOf(bundle.daemons().getFirst()).text()).isEqualTo("2s");
        assertThat(bundle.stopGracePeriodOf(bundle.daemons().getLast()).text()).isEqualTo("1s");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | egress,pipelock,git-gate,supervise | ''",
                "'  ' | egress,pipelock,git-gate,supervise | ''",
                "egress | egress | ''",
                "'supervise , egress' | egress,supervise | ''",
                "egress,egress,,egress | egress | ''",
                "egress,nobody | egress | nobody",
                "'zed, nobody,zed,Egress' | '' | zed,nobody,Egress",
                "',' | '' | ''",
                "' , ' | '' | ''",
            })
    void aListSelectsDaemonsInTheBundlesOrder(String list, String selected, String unknown) {
        variable("DAEMONS", list);

        assertThat(String.join(",", names(read()))).isEqualTo(selected);
        assertThat(String.join(",", read().unknownDaemons())).isEqualTo(unknown);
    }

    @Test
    void theFlagSelectsInsteadOfTheVariableAndAnEmptyOneSelectsAll() {
        variable("DAEMONS", "egress");

        daemons = "pipelock";
        assertThat(names(read())).containsExactly("pipelock");

        daemons = "";
        assertThat(names(read())).hasSize(4);
    }

    @Test
    void aDaemonThatIsNotSelectedIsValidatedToo() throws IOException {
        config = file("daemons: {a: {command: [x]}, b: {command: []}}");
        daemons = "a";

        assertThat(errors()).singleElement().asString().contains(":1: daemons.b.command: an empty list;");
    }

    @Test
    void errorsInFileVariablesAndFlagsAreReportedTogether() throws IOException {
        // Given
        config = file("daemons: {}");
        variable("GRACE", "abc");
        variable("FAILURE_POLICY", "always");
        variable("LOG_FORMAT", "JSON");
        environment.put("QUARKUS_HTTP_PORT", "http");
        variable("SOCKET", "run/x.sock");
        environment.put("QUARKUS_HTTP_HOST", "a b");
        environment.put("K_SINK", "hunter2");
        variable("BOTTLE", "my bottle");
        variable("NAMESPACE", "\n");
        variable("POD", "p".repeat(254));
        policy = "";
        grace = "8";
        format = "xml";

        // Then
        assertThat(errors())
                .containsExactlyInAnyOrder(
                        config + ":1: daemons: an empty map; expected a map of at least one daemon",
                        "CLAUDE_BOTTLE_SIDECAR_FAILURE_POLICY: \"always\" is not a failure policy; expected leave, restart or teardown",
                        "--failure-policy: \"\" is not a failure policy; expected leave, restart or teardown",
                        "CLAUDE_BOTTLE_SIDECAR_GRACE: \"abc\" is not a duration; expected a whole number and ms, s or m, as in 8s",
                        "--grace: \"8\" is not a duration; expected a whole number and ms, s or m, as in 8s",
                        "CLAUDE_BOTTLE_SIDECAR_LOG_FORMAT: \"JSON\" is not a log format (did you mean json?); expected text or json",
                        "--log-format: \"xml\" is not a log format; expected text or json",
                        "QUARKUS_HTTP_HOST: \"a b\" is not a host; expected a host name or an address",
                        "QUARKUS_HTTP_PORT: \"http\" is not a port; expected a number from 1 to 65535",
                        "K_SINK: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                        "CLAUDE_BOTTLE_SIDECAR_BOTTLE: \"my bottle\" is not a name; expected " + NAME,
                        "CLAUDE_BOTTLE_SIDECAR_NAMESPACE: \"\\x0a\" is not a name; expected " + NAME,
                        "CLAUDE_BOTTLE_SIDECAR_POD: it has 254 bytes; expected " + NAME,
                        "CLAUDE_BOTTLE_SIDECAR_SOCKET: \"run/x.sock\" is not absolute; expected an absolute path of at most 107 bytes");
        assertThatThrownBy(this::read).hasMessage(String.join("\n", errors()));
    }

    @Test
    void anEmptyConfigFlagIsAnError() {
        config = "";

        assertThat(errors()).containsExactly("--config: empty; expected a bundle file");
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithTheCause() throws IOException {
        // Given
        String file = file("x");
        Path loop = Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        Map<String, String> causes = Map.of(
                dir + "/none",
                "No such file or directory",
                dir.toString(),
                "Is a directory",
                file + "/x",
                "Not a directory",
                loop.toString(),
                "Too many levels of symbolic links or unable to access attributes of symbolic link",
                "/dev/zero",
                "larger than 1 MiB",
                "a\0b",
                "Nul character not allowed");

        causes.forEach((path, cause) -> {
            // When
            config = path;

            // Then
            assertThat(errors())
                    .containsExactly(
                            "cannot read " + path.replace("\0", "\\x00") + ": " + cause + "; expected a bundle file");
        });
    }

    @Test
    void aFileOfOneMebibyteIsReadAndALargerOneIsNot() throws IOException {
        // Given
        String bundle = "daemons: {a: {command: [x]}} #";
        String largest = bundle + "x".repeat((1 << 20) - bundle.length());

        // When / Then
        config = file(largest);
        assertThat(names(read())).containsExactly("a");
        config = file(largest + "x");
        assertThat(errors()).containsExactly("cannot read " + config + ": larger than 1 MiB; expected a bundle file");
    }

    @Test
    void theSocketIsThatOfItsVariableIfThatFits() {
        // Given
        String longest = "/" + "é".repeat(53);
        variable("SOCKET", longest);
        SocketPath chosen = read().socket();

        // When
        variable("SOCKET", longest + "x");

        // Then
        assertThat(chosen).isEqualTo(new SocketPath(longest, true));
        assertThat(errors())
                .containsExactly(
                        "CLAUDE_BOTTLE_SIDECAR_SOCKET: it has 108 bytes; expected an absolute path of at most 107 bytes");
        assertThat(Settings.read(Flags.NONE, Map.of()).socket())
                .isEqualTo(new SocketPath("/run/sidecar-init.sock", false));
    }

    @Test
    void aCommandThatReadsTheSocketAloneGetsTheSamePathAndTheSameMistake() {
        // Given
        variable("SOCKET", "/run/mine.sock");

        // When / Then
        assertThat(SocketPath.read(environment)).isEqualTo(read().socket());
        variable("SOCKET", "mine.sock");
        assertThatThrownBy(() -> SocketPath.read(environment))
                .isInstanceOfSatisfying(
                        InvalidBundleException.class,
                        e -> assertThat(e.errors()).isEqualTo(errors()));
    }

    @Test
    void theHttpAddressIsThatOfTheVariables() {
        environment.put("QUARKUS_HTTP_HOST", "0.0.0.0");
        environment.put("QUARKUS_HTTP_PORT", "9181");

        assertThat(read().http()).isEqualTo(HttpAddress.read(environment)).isEqualTo(new HttpAddress("0.0.0.0", 9181));
    }

    @Test
    void theHealthAddressIsThatOfItsVariable() {
        // Given
        variable("HEALTH_ADDRESS", "0.0.0.0:9181");

        // Then
        assertThat(read().health()).contains(new HttpAddress("0.0.0.0", 9181));
        variable("HEALTH_ADDRESS", "");
        assertThat(read().health()).isEmpty();
    }

    @Test
    void aWrongHealthAddressIsRefusedWithTheOtherMistakes() {
        // Given
        grace = "soon";
        environment.put("QUARKUS_HTTP_PORT", "http");
        variable("HEALTH_ADDRESS", "9181");

        // Then
        assertThat(errors())
                .hasSize(3)
                .contains("CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS: \"9181\" is not an address; expected HOST:PORT with a"
                        + " port from 1 to 65535, as in 0.0.0.0:9181 or [::]:9181");
    }
}
