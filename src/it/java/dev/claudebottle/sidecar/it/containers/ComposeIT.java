package dev.claudebottle.sidecar.it.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.claudebottle.sidecar.it.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundle as compose.yaml wires it: what the agent can do, what it can't do, and what happens when a guard dies. */
@NeedsEngine
class ComposeIT {

    /** Joined at run time, so that no secret scanner reports this file. */
    private static final String SECRET = String.join("", "AKIA", "Z7QHX4", "TB2MPL", "5WRE");

    private static final List<String> GUARDS = ComposeStack.GUARDS;
    private static final String STATUS_ON_THE_HOST = "http://127.0.0.1:9180/status";
    private static final String GATE = "git://sidecars:9418/repo.git";

    @TempDir
    private static Path scratch;

    private static ComposeStack stack;

    @BeforeAll
    static void up() throws Exception {
        stack = ComposeStack.up(scratch);
    }

    @AfterAll
    static void down() {
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void theWholeBundleBecomesHealthy() {
        assertThat(stack.status().getList("daemons.findAll { it.ready }.name")).hasSameElementsAs(GUARDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void theAgentReachesAnAllowedHostThroughEgressAndPipelock(String scheme) {
        // When
        Command.Result answer = stack.curl(scheme + "://allowed.test/by-" + scheme);

        // Then
        assertThat(answer.succeeded().output()).isEqualTo("GET allowed.test /by-" + scheme + " arrived\n");
        stack.awaitLog("internet", scheme + " allowed.test GET /by-" + scheme);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://refused.test/", "https://refused.test/"})
    void theAgentIsRefusedAnyOtherHost(String url) {
        assertThat(stack.statusOf(url)).isEqualTo(403);
        assertThat(stack.logs("internet")).doesNotContain("refused.test");
    }

    @Test
    void aHostIsReachedOnceItIsOnTheListAndRefusedOnceItIsNotWithoutARestart() throws Exception {
        // Given
        Path list = scratch.resolve("hosts/allowed-hosts");
        String before = Files.readString(list);
        List<Integer> pids = GUARDS.stream().map(stack::pid).toList();
        assertThat(stack.statusOf("https://added.test/")).isEqualTo(403);

        // When / Then
        Files.writeString(list, before + "added.test\n");
        await().atMost(Duration.ofSeconds(30)).until(() -> stack.statusOf("https://added.test/") == 200);
        Files.writeString(list, before);
        assertThat(stack.statusOf("https://added.test/")).isEqualTo(403);
        assertThat(GUARDS.stream().map(stack::pid).toList()).isEqualTo(pids);
    }

    @Test
    void aRefusalNamesThePolicyAndTheHost() {
        assertThat(stack.curl("http://refused.test/").succeeded().output()).contains("allow-list", "refused.test");
    }

    @Test
    void itsPortsArePublishedOnTheHostsLoopbackOnly() {
        assertThat(stack.publishedPorts()).hasSize(4).allMatch(port -> port.contains("-> 127.0.0.1:"));
    }

    @Test
    void theAgentCannotGetOutOtherwise() {
        // Given
        String address = stack.inInternet("hostname", "-i").succeeded().output().strip();

        // When / Then: neither by name nor by address
        stack.curl("--noproxy", "*", "--max-time", "3", "http://allowed.test/past")
                .failed();
        stack.curl("--noproxy", "*", "--max-time", "3", "http://" + address + "/past")
                .failed();
        assertThat(stack.logs("internet")).doesNotContain("/past");
    }

    @ParameterizedTest
    @ValueSource(ints = {9180, 9100, 8888, 9091})
    void theAgentCannotReachAPortOfTheSupervisorNorOfAGuardsInnerSide(int port) {
        // directly
        stack.curl("--noproxy", "*", "--max-time", "3", "http://sidecars:" + port + "/")
                .failed();
        // through the proxy, which runs in the same container
        assertThat(stack.statusOf("http://127.0.0.1:" + port + "/")).isEqualTo(403);
        assertThat(stack.statusOf("--proxytunnel", "http://127.0.0.1:" + port + "/"))
                .isEqualTo(403);
        assertThat(stack.statusOf("http://localhost:" + port + "/")).isEqualTo(403);
    }

    @Test
    void theOperatorReachesTheStatusFromTheHost() {
        assertThat(stack.onTheHost("curl", "--silent", "--show-error", STATUS_ON_THE_HOST)
                        .succeeded()
                        .output())
                .contains("\"daemons\":[{\"name\":\"pipelock\"");
    }

    @Test
    void theAgentReachesTheStatusNeitherByNameNorByAddress() {
        for (String host : List.of("status.sidecars", outsideAddress())) {
            String url = "http://" + host + ":9180/status";
            // directly
            stack.curl("--noproxy", "*", "--max-time", "3", url).failed();
            // through the proxy, whose container has the address
            assertThat(stack.statusOf("--noproxy", "", url)).isEqualTo(403);
            assertThat(stack.statusOf("--noproxy", "", "--proxytunnel", url)).isEqualTo(403);
        }
    }

    @Test
    void theStatusIsNotServedToPacketsOfTheAgentsNetwork() {
        // Given: the engine's host lets them through, so only the server can refuse them
        assumeTrue(onLink(9099).contains("HTTP/1."), "the engine's host filters packets within a network");

        // Then
        assertThat(onLink(9180)).doesNotContain("HTTP/1.");
    }

    @Test
    void theAgentHasNoRights() {
        assertThat(stack.inAgent("cat", "/proc/1/status").succeeded().output())
                .containsPattern("CapBnd:\\s0000000000000000")
                .containsPattern("NoNewPrivs:\\s1");
        stack.inAgent("touch", "/var/tmp/file").failed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecars", "agent"})
    void aContainerComesBackAfterARebootAndItsLogIsBounded(String service) {
        assertThat(stack.inspect(service, "{{.HostConfig.RestartPolicy.Name}}")).isEqualTo("unless-stopped");
        assertThat(stack.inspect(service, "{{json .HostConfig.LogConfig}}"))
                .isEqualTo("{\"Type\":\"json-file\",\"Config\":{\"max-file\":\"10\",\"max-size\":\"10m\"}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"})
    void theAgentsProxyIsSetInBothSpellings(String variable) {
        assertThat(stack.inAgent("printenv", variable).succeeded().output()).isEqualTo("http://sidecars:9099\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void aSecretInABodyDoesNotGetOut(String scheme) {
        // Given
        assumeTrue(System.getenv("PIPELOCK_BIN") != null, "no PIPELOCK_BIN: the stand-in for pipelock scans nothing");

        // When
        int status = stack.statusOf("--data", "key=" + SECRET, scheme + "://allowed.test/leak-by-" + scheme);

        // Then
        assertThat(status).isEqualTo(403);
        assertThat(stack.logs("internet")).doesNotContain("/leak-by-");
    }

    @Test
    void aPushWithASecretIsRefusedAndOneWithoutArrives() {
        // Given
        agent("git init -q -b main /tmp/work && cd /tmp/work && git config user.email a@b && git config user.name a"
                + " && git remote add origin " + GATE);

        // When
        Command.Result leak = stack.inAgent(
                "sh",
                "-euc",
                "cd /tmp/work && echo key = " + SECRET + " > settings.py && git add ."
                        + " && git commit -qm settings && git push origin main");

        // Then
        assertThat(leak.failed().output()).contains("settings.py").doesNotContain(SECRET);
        assertThat(upstream("log", "--all", "--oneline").output()).isEmpty();

        // When
        agent(
                "cd /tmp/work && git checkout -q --orphan clean && echo key = none > settings.py && git add . && git commit -qm clean"
                        + " && git push -q origin clean:main");

        // Then
        assertThat(upstream("show", "main:settings.py").succeeded().output()).isEqualTo("key = none\n");
        agent("git clone -q " + GATE + " /tmp/clone && grep -q none /tmp/clone/settings.py");
    }

    @Test
    void theAgentAsksForApprovalAndTheOperatorAnswers() {
        // Given
        CompletableFuture<Command.Result> answer = CompletableFuture.supplyAsync(
                () -> ask("request_approval", "{\"action\": \"drop the table\", \"reason\": \"it is empty\"}"));

        // When
        String id = awaitPendingId("drop the table");
        stack.inSidecars("approvals", "approve", id, "go on").succeeded();

        // Then
        assertThat(answer.join().succeeded().output()).contains("approved", "go on");
    }

    @Test
    void aRequestSurvivesARestartOfSuperviseAndTheAgentWaitsByItsId() {
        // Given
        CompletableFuture<Command.Result> first = CompletableFuture.supplyAsync(
                () -> ask("request_approval", "{\"action\": \"survive a restart\", \"reason\": \"it may take long\"}"));
        String id = awaitPendingId("survive a restart");

        // When
        stack.inSidecars("sh", "-c", "kill -TERM " + stack.pid("supervise")).succeeded();
        assertThat(first.join().succeeded().output()).contains("pending", id);
        stack.awaitLog("sidecars", "[supervise] requests from before the start that wait for approval: ");
        stack.awaitReady();
        stack.inSidecars("approvals", "approve", id, "take your time").succeeded();

        // Then
        assertThat(ask("wait_for_approval", "{\"id\": \"" + id + "\"}")
                        .succeeded()
                        .output())
                .contains("approved", "take your time");
    }

    @Test
    void anAgentWithTheTypeScriptSdkAsksForApproval() {
        // Given
        assumeTrue(ComposeStack.MCP_CLIENTS != null, "no MCP_CLIENTS");
        String call =
                "{\"name\": \"request_approval\", \"arguments\": {\"action\": \"ask by SDK\", \"reason\": \"r\"}}";
        CompletableFuture<Command.Result> answer = CompletableFuture.supplyAsync(() -> stack.inAgent(
                "sh", "-c", "echo '" + call + "' | node /sdk-client.mjs /mcp-clients http://sidecars:9101/mcp"));

        // When
        String id = awaitPendingId("ask by SDK");
        stack.inSidecars("approvals", "approve", id, "go on").succeeded();

        // Then
        assertThat(answer.join().succeeded().output()).contains("approved", "go on");
    }

    @Test
    void theMcpInspectorListsTheTools() {
        assumeTrue(ComposeStack.MCP_CLIENTS != null, "no MCP_CLIENTS");
        assertThat(stack.inAgent(
                                "sh",
                                "-c",
                                "cd /mcp-clients/node_modules/@modelcontextprotocol/inspector-cli/build"
                                        + " && node cli.js --cli http://sidecars:9101/mcp --transport http --method tools/list")
                        .succeeded()
                        .output())
                .contains("request_approval", "wait_for_approval", "guards");
    }

    @Test
    void theAgentSeesWhichGuardsAreUp() {
        assertThat(ask("guards", "{}").succeeded().output()).contains(GUARDS);
    }

    @ParameterizedTest
    @FieldSource("GUARDS")
    void aKilledGuardIsReportedNotifiedAndRestartedAndTrafficFlowsAgain(String guard) {
        // Given
        stack.awaitReady();
        int gaps = stack.status().getInt(of(guard) + ".gaps.count");

        // When
        stack.inSidecars("sh", "-c", "kill -KILL " + stack.pid(guard)).succeeded();

        // Then
        stack.awaitLog("sidecars", "sidecar-init: " + guard + " is ready again after");
        stack.awaitReady();
        assertThat(stack.logs("sidecars"))
                .contains("sidecar-init: " + guard + " exited with code 137 (SIGKILL); restarting in");
        assertThat(stack.status().getInt(of(guard) + ".gaps.count")).isEqualTo(gaps + 1);
        assertThat(stack.status().getBoolean(of(guard) + ".gaps.open")).isFalse();
        stack.awaitLog("sidecars", "[supervise] " + guard + " exited with code 137 (SIGKILL)");
        stack.awaitLog("sidecars", "[supervise] " + guard + " is back after");
        assertThat(stack.statusOf("https://allowed.test/after-" + guard)).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"pipelock,pipelock", "egress,mitmproxy", "git-gate,git-gate", "supervise,supervise"})
    void aGuardRunsAsAUserOfItsOwnWithoutRightsAndWithItsOwnVariablesAlone(String guard, String user) {
        // When
        String pid = Integer.toString(stack.pid(guard));
        String status =
                stack.as(user, "cat", "/proc/" + pid + "/status").succeeded().output();
        String environment = stack.besides("sidecars", "cat", "/proc/" + pid + "/environ")
                .succeeded()
                .output();

        // Then
        assertThat(status).containsPattern("CapEff:\\s0000000000000000").containsPattern("NoNewPrivs:\\s1");
        assertThat(environment.contains("CLAUDE_BOTTLE_GIT_UPSTREAM=")).isEqualTo(guard.equals("git-gate"));
        assertThat(environment).doesNotContain("CLAUDE_BOTTLE_SIDECAR_CONFIG=");
        for (String other : List.of("pipelock", "mitmproxy", "git-gate", "supervise")) {
            assertThat(stack.as(other, "cat", "/proc/" + pid + "/environ").code() == 0)
                    .as(other)
                    // egress may have credentials, and keeps its memory from its own user, too
                    .isEqualTo(other.equals(user) && !guard.equals("egress"));
        }
    }

    @Test
    void noZombieStays() {
        // Given: orphans, besides those of the health check
        stack.inSidecars("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.1 & exit) & done; wait");

        // Then
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(stack.inSidecars("sh", "-c", "cat /proc/[0-9]*/stat")
                                .output())
                        .doesNotContain(") Z "));
    }

    private static String outsideAddress() {
        String address = stack.inSidecars("sh", "-c", "getent ahostsv4 status.sidecars | cut -d ' ' -f 1 | uniq")
                .succeeded()
                .output()
                .strip();
        assertThat(address).matches("[0-9.]+");
        return address;
    }

    private static String onLink(int port) {
        return stack.inAgent("python3", "-B", "/on_link.py", outsideAddress(), Integer.toString(port))
                .output();
    }

    private static String of(String guard) {
        return "daemons.find { it.name == '" + guard + "' }";
    }

    private static Command.Result agent(String script) {
        return stack.inAgent("sh", "-euc", script).succeeded();
    }

    private static Command.Result upstream(String... git) {
        return stack.as(
                "git-gate",
                Stream.concat(Stream.of("git", "-C", "/upstream/repo.git"), Stream.of(git))
                        .toArray(String[]::new));
    }

    private static String awaitPendingId(String action) {
        return await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> stack.inSidecars("sh", "-c", "approvals | sed -n '/WAITING.*" + action + "/s/ .*//p'")
                                .output()
                                .strip(),
                        id -> !id.isEmpty());
    }

    private static Command.Result ask(String tool, String arguments) {
        return stack.inAgent("python3", "-B", "/ask.py", "http://sidecars:9101/mcp", tool, arguments);
    }
}
