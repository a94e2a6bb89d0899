package dev.claudebottle.sidecar.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.it.Command;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Credentials that egress puts in, with the SDKs that agents use: they work with a placeholder, a host sees the operator's key and no other,
 * and the key is nowhere else.
 */
@NeedsEngine
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CredentialsIT {

    private static final String PLACEHOLDER = "placeholder"; // as in compose.yaml
    private static final String ATTACKER = OperatorKeys.randomAnthropic();

    /** A host of models, as its SDK and its operator know it. */
    private enum Host {
        ANTHROPIC("anthropic", "api.anthropic.com", "/v1/messages", ""),
        OPENAI("openai", "api.openai.com", "/v1/responses", "/v1");

        final String sdk;
        final String name;
        final String path;
        final String base;

        Host(String sdk, String name, String path, String base) {
            this.sdk = sdk;
            this.name = name;
            this.path = path;
            this.base = base;
        }

        /** The header that egress sets, as it arrives. */
        String credential() {
            return (this == ANTHROPIC ? "x-api-key: " : "authorization: Bearer ") + key();
        }

        String key() {
            return this == ANTHROPIC ? keys.anthropic() : keys.openAi();
        }
    }

    private record Sdk(String language, Host host) {

        JsonObject call(String what, String model, JsonObject settings) {
            return call(JsonObject.of("do", what, "model", model, "settings", settings));
        }

        JsonObject call(String what, String model) {
            return call(what, model, new JsonObject());
        }

        JsonObject upload(String file) {
            return call(JsonObject.of("do", "upload", "file", file));
        }

        private JsonObject call(JsonObject call) {
            return agent(language).call(call.put("sdk", host.sdk));
        }
    }

    /** What arrived at a host of models. */
    private record Arrival(String host, String head) {

        static Arrival of(String line) {
            JsonObject json = new JsonObject(line);
            return new Arrival(
                    json.getString("host"),
                    json.getString("line") + "\n"
                            + String.join(
                                    "\n",
                                    json.getJsonArray("headers").stream()
                                            .map(Object::toString)
                                            .toList())
                            + "\n");
        }

        /** That the operator's key is there, once, in the header where it belongs, and no other key. */
        void hasOnlyTheKeyOf(Host expected) {
            assertThat(host).isEqualTo(expected.name);
            assertThat(head).contains("\n" + expected.credential() + "\n").doesNotContain(PLACEHOLDER, ATTACKER);
            assertThat(Pattern.compile(Pattern.quote(expected.key()))
                            .matcher(head)
                            .results())
                    .hasSize(1);
        }
    }

    private static final List<Host> HOSTS = List.of(Host.values());
    private static final List<String> LANGUAGES = List.of("python", "node");
    private static final List<Sdk> SDKS = LANGUAGES.stream()
            .flatMap(language -> HOSTS.stream().map(host -> new Sdk(language, host)))
            .toList();

    @TempDir
    private static Path scratch;

    private static OperatorKeys keys;
    private static ComposeStack stack;
    private static final Map<String, SdkAgent> AGENTS = new HashMap<>();

    @BeforeAll
    static void up() throws IOException {
        keys = new OperatorKeys(scratch);
        stack = ComposeStack.upWithModels(scratch, keys.openAi());
    }

    @AfterAll
    static void down() {
        AGENTS.values().forEach(SdkAgent::close);
        if (stack != null) {
            stack.close();
        }
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void aCallWithAPlaceholderArrivesWithTheOperatorsKey(Sdk sdk) {
        // When
        List<Arrival> arrivals = arrivalsOf(
                () -> assertThat(sdk.call("call", "any").getString("text")).isEqualTo("Hello, agent"));

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(sdk.host);
        assertThat(arrivals.getFirst().head).contains("POST " + sdk.host.path + " ", "\naccept-encoding: identity\n");
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void theFirstEventOfAStreamArrivesAtOnce(Sdk sdk) {
        // When: the host sends the second event after the agent asked it to, which the agent does after the first
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result = sdk.call("stream", "stream-of-" + sdk.language + "-" + sdk.host);
            assertThat(result.getString("text")).as(result.encode()).isEqualTo("Hello, agent");
            assertThat(result.getInteger("events")).isEqualTo(sdk.host == Host.ANTHROPIC ? 6 : 3);
        });

        // Then
        assertThat(arrivals).hasSize(2).allSatisfy(arrival -> arrival.hasOnlyTheKeyOf(sdk.host));
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void theOlderInterfaceWorksAndStreams(String language) {
        // Given
        Sdk sdk = new Sdk(language, Host.OPENAI);

        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            assertThat(sdk.call("chat", "any").getString("text")).isEqualTo("Hello, agent");
            assertThat(sdk.call("chat-stream", "chat-of-" + language).getString("text"))
                    .isEqualTo("Hello, agent");
        });

        // Then
        assertThat(arrivals).hasSize(3).allSatisfy(arrival -> arrival.hasOnlyTheKeyOf(Host.OPENAI));
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void anUploadArrivesWhole(Sdk sdk) {
        // Given
        String digest = stack.inAgent(
                        "sh", "-c", "head -c 5000000 /dev/urandom >/tmp/upload.bin && sha256sum /tmp/upload.bin")
                .succeeded()
                .output()
                .split(" ")[0];

        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result = sdk.upload("/tmp/upload.bin");
            assertThat(result).isEqualTo(JsonObject.of("id", "file-" + digest, "size", 5_000_000));
        });

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(sdk.host);
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void theListOfModelsArrives(Sdk sdk) {
        // When
        List<Arrival> arrivals = arrivalsOf(() ->
                assertThat(sdk.call("models", "").getJsonArray("models")).isEqualTo(JsonArray.of("large", "small")));

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(sdk.host);
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void anErrorOfTheHostIsTheOneThatTheSdkHasForIt(Sdk sdk) {
        // Given
        Map<Integer, String> errors = Map.of(
                400, "BadRequestError",
                403, "PermissionDeniedError",
                404, "NotFoundError",
                429, "RateLimitError",
                500, "InternalServerError");

        errors.forEach((status, error) -> {
            // When
            JsonObject result = sdk.call("call", "status-" + status);

            // Then
            assertThat(result.getString("error")).as(result.encode()).isEqualTo(error);
            assertThat(result.getString("message")).contains("This is error " + status + ".");
            assertThat(result.getJsonObject("headers").getString("retry-after")).isEqualTo("7");
        });
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void aRejectionThatQuotesTheKeyHasAsterisksInItsPlace(Sdk sdk) {
        // When
        JsonObject result = sdk.call("call", "status-401");

        // Then
        String asterisks = "*".repeat(sdk.host.key().length());
        assertThat(result.getString("error")).as(result.encode()).isEqualTo("AuthenticationError");
        assertThat(result.getString("message")).contains("Incorrect API key provided: " + asterisks + ".");
        assertThat(result.getJsonObject("headers").getString("x-received-key")).isEqualTo(asterisks);
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void anAnswerThatHasTheKeyHasAsterisksInItsPlaceAlsoIfThePiecesCutIt(Sdk sdk) {
        String text = "You are " + "*".repeat(sdk.host.key().length()) + ".";
        assertThat(sdk.call("call", "echo").getString("text")).isEqualTo(text);
        assertThat(sdk.call("stream", "echo").getString("text")).isEqualTo(text);
    }

    @ParameterizedTest
    @FieldSource("HOSTS")
    void rejectionsAreCountedAndTheFirstIsInTheLog(Host host) {
        // Given
        Sdk sdk = new Sdk("python", host);
        sdk.call("call", "any");
        String line = "[egress] " + host.name + " answers 401 to the credential from "
                + (host == Host.ANTHROPIC ? "/run/secrets/anthropic" : "the variable OPENAI_API_KEY");
        long before = linesWith(line);
        int counted = rejections(host);

        // When
        sdk.call("call", "status-401");
        sdk.call("call", "status-401");

        // Then
        await().atMost(Duration.ofSeconds(30)).until(() -> linesWith(line) > before);
        assertThat(linesWith(line)).isEqualTo(before + 1);
        assertThat(rejections(host)).isEqualTo(counted + 2);
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void theAttackersKeyNeverArrives(Sdk sdk) {
        // Given
        JsonObject headers = new JsonObject();
        for (String header : List.of("Api-Key", "X-Goog-Api-Key", "X-Auth-Token", "X-Access-Token")) {
            headers.put(header, ATTACKER);
        }
        headers.put("Cookie", "sessionKey=" + ATTACKER + "; other=" + ATTACKER);
        headers.put(sdk.host == Host.ANTHROPIC ? "Authorization" : "X-Api-Key", "Bearer " + ATTACKER);
        JsonObject query = JsonObject.of("key", ATTACKER, "api_key", ATTACKER, "access_token", ATTACKER, "beta", "yes");

        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result =
                    sdk.call("call", "any", JsonObject.of("key", ATTACKER, "headers", headers, "query", query));
            assertThat(result.getString("text")).as(result.encode()).isEqualTo("Hello, agent");
        });

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(sdk.host);
        assertThat(arrivals.getFirst().head).contains(sdk.host.path + "?beta=yes ");
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void norDoesTheAttackersTokenThatTheSdkSendsInAnotherHeader(String language) {
        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result = new Sdk(language, Host.ANTHROPIC).call("call", "any", JsonObject.of("token", ATTACKER));
            assertThat(result.getString("text")).as(result.encode()).isEqualTo("Hello, agent");
        });

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(Host.ANTHROPIC);
    }

    @ParameterizedTest
    @FieldSource("HOSTS")
    void norDoesOneInAFormThatNoSdkSends(Host host) {
        // Given: the same headers twice, in other spellings, and with the user's name of a URL
        List<String> arguments = new ArrayList<>(List.of("--data", "{\"model\": \"any\"}"));
        for (String header : List.of(
                "x-api-key", "X-API-KEY", "x_api_key", "Authorization", "AUTHORIZATION", "Proxy-Authorization")) {
            arguments.addAll(
                    List.of("--header", header + ": " + ATTACKER, "--header", header + ": Bearer " + ATTACKER));
        }
        arguments.add("https://" + ATTACKER + ":" + ATTACKER + "@" + host.name + host.path + "?api%5Fkey=" + ATTACKER
                + "&API-Key=" + ATTACKER);

        // When
        List<Arrival> arrivals = arrivalsOf(() ->
                assertThat(stack.statusOf(arguments.toArray(String[]::new))).isEqualTo(200));

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(host);
    }

    @ParameterizedTest
    @FieldSource("HOSTS")
    void plainHttpDoesNotCarryTheKey(Host host) {
        List<Arrival> arrivals = arrivalsOf(() ->
                assertThat(stack.statusOf("http://" + host.name + host.path)).isEqualTo(403));
        assertThat(arrivals).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void aRedirectToAnotherAllowedHostDoesNotCarryTheKey(Sdk sdk) {
        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result = sdk.call("call", "redirect-to-elsewhere.test");
            assertThat(result.getString("text")).as(result.encode()).isEqualTo("Hello, agent");
        });

        // Then
        assertThat(arrivals).extracting(Arrival::host).containsExactly(sdk.host.name, "elsewhere.test");
        arrivals.getFirst().hasOnlyTheKeyOf(sdk.host);
        assertThat(arrivals.getLast().head).doesNotContain(sdk.host.key());
    }

    @ParameterizedTest
    @FieldSource("SDKS")
    void anotherHostThatRedirectsToItSeesNoKeyAndAddsNone(Sdk sdk) {
        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result = sdk.call(
                    "call",
                    "redirect-to-" + sdk.host.name,
                    JsonObject.of("url", "https://elsewhere.test" + sdk.host.base));
            assertThat(result.getString("text")).as(result.encode()).isEqualTo("Hello, agent");
        });

        // Then
        assertThat(arrivals).extracting(Arrival::host).containsExactly("elsewhere.test", sdk.host.name);
        assertThat(arrivals.getFirst().head).doesNotContain(sdk.host.key());
        arrivals.getLast().hasOnlyTheKeyOf(sdk.host);
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void aRotatedKeyCountsAtTheNextCall(String language) {
        // Given: a client that has called before
        Sdk sdk = new Sdk(language, Host.ANTHROPIC);
        sdk.call("call", "any");

        // When
        keys.rotateAnthropic();
        List<Arrival> arrivals = arrivalsOf(
                () -> assertThat(sdk.call("call", "any").getString("text")).isEqualTo("Hello, agent"));

        // Then
        assertThat(arrivals).hasSize(1);
        arrivals.getFirst().hasOnlyTheKeyOf(Host.ANTHROPIC);
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void anEmptyKeyGivesTheAgentA503AndTheOperatorALine(String language) {
        // Given
        Sdk sdk = new Sdk(language, Host.ANTHROPIC);
        String line = "/run/secrets/anthropic is empty";
        long before = linesWith(line);

        // When
        keys.writeAnthropic("");
        try {
            // a file that an editor may be in the middle of is not believed in its first second
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> sdk.call("call", "any").containsKey("error"));
            List<Arrival> arrivals = arrivalsOf(() -> {
                JsonObject result = sdk.call("call", "any");

                // Then
                assertThat(result.getString("error")).as(result.encode()).isEqualTo("ServiceUnavailableError");
                assertThat(result.getInteger("status")).isEqualTo(503);
                assertThat(result.getString("message"))
                        .contains("egress: the credential of api.anthropic.com is not available");
            });
            assertThat(arrivals).isEmpty();
            await().atMost(Duration.ofSeconds(30)).until(() -> linesWith(line) > before);
            assertThat(linesWith(line)).isEqualTo(before + 1);
            assertThat(metrics(Host.ANTHROPIC)).startsWith("api.anthropic.com 0 ");
        } finally {
            keys.writeAnthropic(keys.anthropic());
        }
        assertThat(sdk.call("call", "any").getString("text")).isEqualTo("Hello, agent");
    }

    @Test
    void aHostThatTheFileNoLongerNamesGetsWhatTheAgentSends() throws IOException {
        // Given
        Sdk sdk = new Sdk("python", Host.OPENAI);

        // When
        keys.writeEntries(OperatorKeys.ANTHROPIC_ENTRY, OperatorKeys.LIMITED_ENTRY);

        // Then
        try {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(arrivalsOf(() -> sdk.call("call", "any")))
                            .singleElement()
                            .extracting(Arrival::head)
                            .asString()
                            .contains("authorization: Bearer " + PLACEHOLDER)
                            .doesNotContain(keys.openAi()));
        } finally {
            keys.writeEntries(OperatorKeys.ANTHROPIC_ENTRY, OperatorKeys.OPENAI_ENTRY, OperatorKeys.LIMITED_ENTRY);
        }

        // When / Then
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(arrivalsOf(() -> sdk.call("call", "any")))
                        .singleElement()
                        .satisfies(arrival -> arrival.hasOnlyTheKeyOf(Host.OPENAI)));
    }

    @Test
    void aCallBeyondTheBudgetGets429AndTheSecondsToWait() {
        // Given
        Sdk sdk = new Sdk("python", Host.ANTHROPIC);
        JsonObject limited = JsonObject.of("url", "https://limited.test");

        // When
        List<Arrival> arrivals = arrivalsOf(() -> {
            assertThat(sdk.call("call", "any", limited).getString("text")).isEqualTo("Hello, agent");
            assertThat(sdk.call("call", "any", limited).getString("text")).isEqualTo("Hello, agent");
            JsonObject result = sdk.call("call", "any", limited);

            // Then
            assertThat(result.getString("error")).as(result.encode()).isEqualTo("RateLimitError");
            assertThat(Integer.parseInt(result.getJsonObject("headers").getString("retry-after")))
                    .isBetween(1, 60);
        });
        assertThat(arrivals).hasSize(2);
    }

    @Test
    void aCallToAnotherPathOrByAnotherMethodIsRefused() {
        List<Arrival> arrivals = arrivalsOf(() -> {
            JsonObject result =
                    new Sdk("python", Host.ANTHROPIC).call("models", "", JsonObject.of("url", "https://limited.test"));
            assertThat(result.getString("error")).as(result.encode()).isEqualTo("PermissionDeniedError");
            assertThat(stack.statusOf("--request", "DELETE", "https://limited.test/v1/messages"))
                    .isEqualTo(403);
        });
        assertThat(arrivals).isEmpty();
    }

    @Test
    void theAgentDoesNotSeeTheMetrics() {
        assertThat(stack.statusOf("http://egress.health/credentials")).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipelock", "mitmproxy", "git-gate", "supervise"})
    void noGuardReadsTheVariablesOfEgress(String user) {
        stack.as(user, "cat", "/proc/" + stack.pid("egress") + "/environ").failed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipelock", "git-gate", "supervise"})
    void noOtherGuardFindsAKeyInWhatItCanRead(String user) {
        assertThat(stack.searchAs(user, keys.all())).isEmpty();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void atTheEndTheKeysAreNowhereElse() {
        // Given: the clients still run, and the search finds what is there
        Map<String, String> texts = keys.all();
        texts.put("placeholder", "ANTHROPIC_API_KEY=" + PLACEHOLDER);
        texts.put("file", "a text in a file of the agent".replace("text", "word"));
        stack.inAgent("sh", "-c", "echo 'a word in a file of the agent' >/tmp/searched")
                .succeeded();

        // Then: not in the agent's container
        List<String> inAgent = stack.search("agent", texts);
        assertThat(inAgent)
                .contains("file /tmp/searched", "placeholder /proc/1/environ", "placeholder /proc/1/mem")
                .noneMatch(found -> found.startsWith("key"));
        assertThat(inAgent.stream().filter(found -> found.matches("placeholder /proc/[0-9]+/mem")))
                .as("the memory of its processes, among them the SDKs'")
                .hasSizeGreaterThan(AGENTS.size());

        // in that of the guards only in the file itself, and with egress and PID 1, from which it has its variables
        String ofTwo = "/proc/(1|" + stack.pid("egress") + ")/(environ|mem)";
        assertThat(stack.search("sidecars", keys.all()))
                .anyMatch(found -> found.endsWith(" /run/secrets/anthropic"))
                .allMatch(found -> found.matches("key[0-9]+ (/run/secrets/anthropic|" + ofTwo + ")"));

        // and in nothing that anybody reports
        reports().forEach((name, report) -> {
            assertThat(report).as(name).isNotEmpty();
            keys.all()
                    .values()
                    .forEach(key -> assertThat(report.contains(key)).as(name).isFalse());
        });
    }

    private static Map<String, String> reports() {
        Map<String, String> reports = new LinkedHashMap<>();
        for (String service : List.of("sidecars", "agent")) {
            reports.put("the log of " + service, "- " + stack.logs(service));
        }
        for (String path : List.of("/status", "/q/metrics", "/q/health", "/")) {
            reports.put(path, get("http://127.0.0.1:9180" + path).succeeded().output());
        }
        reports.put(
                "/events",
                get("--max-time", "3", "http://127.0.0.1:9180/events").output());
        for (List<String> command : List.of(
                List.of("sidecar-init", "status"),
                List.of("sidecar-init", "status", "--json"),
                List.of("sidecar-init", "events"),
                List.of("sidecar-init", "check"),
                List.of("ps", "-efww"))) {
            reports.put(
                    String.join(" ", command),
                    stack.inSidecars(command.toArray(String[]::new)).succeeded().output());
        }
        return reports;
    }

    private static Command.Result get(String... arguments) {
        return stack.onTheHost(
                "curl",
                Stream.concat(Stream.of("--silent", "--show-error"), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private static SdkAgent agent(String language) {
        assumeTrue(language.equals("python") || ComposeStack.SDK_NODE != null, "no SDK_NODE");
        return AGENTS.computeIfAbsent(language, it -> {
            try {
                return it.equals("python")
                        ? new SdkAgent(stack, "python3", "-B", "/agent.py")
                        : new SdkAgent(stack, "node", "/agent.mjs", "/sdk-node");
            } catch (IOException e) {
                throw new IllegalStateException("cannot start " + it, e);
            }
        });
    }

    /** The requests that arrive at hosts of models while this runs. */
    private static List<Arrival> arrivalsOf(Runnable action) {
        int before = arrivals().size();
        action.run();
        List<Arrival> all = arrivals();
        return all.subList(before, all.size());
    }

    private static List<Arrival> arrivals() {
        Path log = scratch.resolve("models/requests");
        try (Stream<String> lines = Files.exists(log) ? Files.lines(log) : Stream.empty()) {
            return lines.map(Arrival::of).collect(Collectors.toList());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + log, e);
        }
    }

    private static long linesWith(String text) {
        return stack.logs("sidecars")
                .lines()
                .filter(line -> line.contains(text))
                .count();
    }

    /** What egress says of this host to the supervisor. */
    private static String metrics(Host host) {
        return stack.inSidecars(
                        "curl", "--silent", "--proxy", "http://127.0.0.1:9099", "http://egress.health/credentials")
                .succeeded()
                .output()
                .lines()
                .filter(line -> line.startsWith(host.name + " "))
                .findFirst()
                .orElseThrow();
    }

    private static int rejections(Host host) {
        return Integer.parseInt(metrics(host).split(" ")[2]);
    }
}
