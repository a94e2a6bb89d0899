package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.dies;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page for people, in a browser, over the packaged program. */
@NeedsNamespaces
@NeedsChromium
class PageIT {

    private static final String RESTART = "failure_policy: restart";

    private static Chromium browser;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBrowser() {
        browser = new Chromium();
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @BeforeEach
    void onADesk() {
        browser.show(1100, 900, "light");
    }

    @AfterEach
    void nothingBrokeThePolicy() {
        assertThat(browser.complaints()).isEmpty();
        browser.get("about:blank");
    }

    @Test
    void aDeathIsShownWithoutAReload() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();
            browser.open(program.http.port());
            browser.awaitTitle("All 2 guards stand");
            assertThat(browser.cell("egress", "State")).isEqualTo("✓ running, ready");
            assertThat(browser.cell("egress", "Gaps")).isEqualTo("none");
            assertThat(browser.timeline("egress")).contains("0 gaps; 0 deaths");
            browser.js("window.notReloaded = true");

            // When
            program.kill("egress");

            // Then
            browser.awaitTitle("egress does not guard");
            browser.awaitThat("the death", () -> browser.timeline("egress").contains("1 death;"));
            assertThat(browser.<Boolean>js("return window.notReloaded")).isTrue();
            assertThat(browser.getTitle()).isEqualTo("✕ egress does not guard · Sidecar Init");
            assertThat(browser.cell("egress", "State")).isEqualTo("✕ exited, not ready");
            assertThat(browser.cell("egress", "Pid")).isEqualTo("–");
            assertThat(browser.cell("egress", "Last exit")).startsWith("exited with code 137 (SIGKILL)");
            assertThat(browser.cell("egress", "Gaps")).startsWith("1, ").endsWith(", open");
            assertThat(browser.timeline("egress"))
                    .contains("1 gap; 1 death", "still open: exited with code 137 (SIGKILL)");
            assertThat(browser.timeline("pipelock")).contains("0 gaps; 0 deaths");
            assertThat(browser.texts("#reasons li"))
                    .singleElement()
                    .asString()
                    .matches("egress has not guarded for \\d+ s: exited with code 137 \\(SIGKILL\\)");
            String before = browser.text("#reasons");
            browser.awaitThat(
                    "growth of the gap", () -> !browser.text("#reasons").equals(before));
            browser.awaitThat(
                    "word for a screen reader", () -> browser.text("#said").equals("egress does not guard"));
        }
    }

    @Test
    void lastWordsAreTextWhateverADaemonWrites() throws Exception {
        // Given: markup, controls, a turned reading direction, and a line that is wider than any screen
        Path words = Files.writeString(
                directory.resolve("words"),
                "<script>window.taken = 1</script>\n<img src=x onerror='window.taken = 2'>\n</div></pre><h1>All 2 guards stand</h1>\n"
                        + "\u001b[31mred\u202e desrever\u2028\n"
                        + "&lt;b&gt; \u05d0\u05d1 {{7*7}} javascript:alert(1)\n" + "w".repeat(5000) + "\n");
        BundleText bundle =
                bundle().daemon("egress", "cat " + words + "; exit 3").daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            browser.open(program.http.port());
            browser.awaitTitle("egress does not guard");
            browser.awaitThat("last words", () -> browser.text("#deaths pre").contains("www"));

            // Then
            assertThat(browser.texts("#deaths pre div"))
                    .containsExactly(
                            "<script>window.taken = 1</script>\n",
                            "<img src=x onerror='window.taken = 2'>\n",
                            "</div></pre><h1>All 2 guards stand</h1>\n",
                            "\\x1b[31mred\\u202e desrever\\u2028\n",
                            "&lt;b&gt; \u05d0\u05d1 {{7*7}} javascript:alert(1)\n",
                            "w".repeat(5000) + "\n");
            assertThat(browser.<Boolean>js("return document.querySelector('#deaths details').open"))
                    .isTrue();
            assertThat(browser.<Object>js("return window.taken")).isNull();
            assertThat(browser.texts("script, h1, img, #deaths b")).hasSize(3);
            browser.show(360, 800, "light");
            assertThat(browser.overhang()).isZero();
        }
    }

    @Test
    void aCrashLoopIsShownThoughTheDaemonRunsAgain() throws Exception {
        // Given
        BundleText bundle = bundle(RESTART, "restart: {initial_delay: 10ms, max_delay: 20ms, crash_loop_deaths: 3}")
                .daemon("egress", dies(3, 1, directory))
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitHttp();
            browser.open(program.http.port());
            browser.awaitTitle("egress is crash-looping");

            // Then
            assertThat(browser.cell("egress", "State")).matches("✕ running, readycrash-looping since .*");
            assertThat(browser.cell("egress", "Starts")).isEqualTo("4");
            browser.awaitThat("three deaths", () -> browser.texts("#deaths li").size() == 3);
            assertThat(browser.texts("#deaths summary")).allMatch(line -> line.endsWith("egressexited with code 1"));
            assertThat(browser.timeline("egress")).contains("3 deaths").doesNotContain("still open");
        }
    }

    @Test
    void aSupervisorThatHasGoneIsSaidAndTheNextOneIsFound() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", "exit 3");
        int port = ProgramBuilder.freePort();
        try (Program first = ProgramBuilder.of(bundle).port(port).start()) {
            first.awaitUp("egress");
            first.awaitHttp();
            browser.open(port);
            browser.awaitTitle("pipelock does not guard");
            browser.js("window.notReloaded = true");

            // When
            first.stop();

            // Then: nothing looks as if it were so now
            browser.awaitThat(
                    "word of the end",
                    () -> browser.text("#title")
                            .matches("\\? (Sidecar Init has stopped|No connection to Sidecar Init)"));
            assertThat(browser.text("#detail")).contains("How the guards are now is not known", "Next try in ");
            assertThat(browser.text("#link")).isEqualTo("not connected");
            assertThat(browser.text(".as-of")).startsWith("as of ");
            assertThat(browser.cell("egress", "State")).contains("was ");
            assertThat(browser.texts("#deaths li")).hasSize(1);
        }

        // When
        try (Program second = ProgramBuilder.of(bundle().daemon("supervise", OBEDIENT))
                .port(port)
                .start()) {
            second.awaitHttp();
            browser.js("document.getElementById('retry').focus()");
            browser.press(Keys.ENTER);

            // Then: nothing of the first one is left
            browser.awaitTitle("supervise guards");
            assertThat(browser.texts("#guards tbody th")).containsExactly("supervise");
            browser.awaitThat(
                    "a list without deaths", () -> browser.texts("#deaths li").isEmpty());
            assertThat(browser.text("#link")).startsWith("live");
            assertThat(browser.<Boolean>js("return document.getElementById('retry').hidden"))
                    .isTrue();
            assertThat(browser.<Boolean>js("return window.notReloaded")).isTrue();
        }
    }

    @Test
    void everyTextCanBeReadInBothSchemesAndOnASmallScreen() throws Exception {
        try (Program program = ProgramBuilder.of(bundle(RESTART)
                        .daemon("egress", "echo no; exit 3", "failure_policy: leave")
                        .daemon("a-guard-with-quite-a-long-name-that-has-to-fit", OBEDIENT)
                        .daemon("git-gate", OBEDIENT, "readiness: {tcp: \"127.0.0.1:1\", period: 50ms}"))
                .start()) {
            program.awaitHttp();
            browser.open(program.http.port());
            browser.awaitTitle("egress does not guard");
            browser.awaitThat(
                    "a failed probe", () -> browser.cell("git-gate", "State").contains("readiness probe:"));
            browser.js("document.getElementById('gaps').open = true");
            browser.awaitThat(
                    "a table of gaps", () -> browser.texts("#gaps tbody tr").size() == 1);

            for (String scheme : List.of("light", "dark")) {
                for (int width : List.of(360, 1100)) {
                    browser.show(width, 900, scheme);
                    assertThat(browser.textsOfLowContrast())
                            .as("%s, %d", scheme, width)
                            .isEmpty();
                    assertThat(browser.overhang()).as("%s, %d", scheme, width).isZero();
                }
            }
            browser.show(1100, 900, "light");
            String light = browser.js("return getComputedStyle(document.body).backgroundColor");
            browser.show(1100, 900, "dark");
            String dark = browser.js("return getComputedStyle(document.body).backgroundColor");
            assertThat(light).isNotEqualTo(dark);
        }
    }

    @Test
    void keyboardAndScreenReaderReachEverything() throws Exception {
        try (Program program = ProgramBuilder.of(
                        bundle().daemon("egress", "echo no; exit 3").daemon("pipelock", OBEDIENT))
                .start()) {
            program.awaitHttp();
            browser.open(program.http.port());
            browser.awaitTitle("egress does not guard");
            browser.awaitThat("a death", () -> browser.texts("#deaths li").size() == 1);

            // the keyboard
            assertThat(browser.tabStops())
                    .noneMatch(stop -> stop.endsWith("(focus not visible)"))
                    .anyMatch(stop -> stop.equals("select range"))
                    .anyMatch(stop -> stop.equals("summary These gaps as a table"))
                    .anyMatch(stop -> stop.matches("summary .*egressexited with code 3"))
                    .anyMatch(stop -> stop.equals("pre last words of egress"))
                    .contains("a /status", "a /events", "a /q/health", "a /q/metrics");
            browser.js("document.querySelector('#gaps summary').focus()");
            browser.press(Keys.ENTER);
            browser.awaitThat(
                    "a table of gaps", () -> browser.texts("#gaps tbody tr").size() == 1);

            // the screen reader, also where the table is shown as cards
            for (int width : List.of(1100, 360)) {
                browser.show(width, 900, "light");
                assertThat(browser.accessibleNames())
                        .contains(
                                "banner: ",
                                "main: ",
                                "contentinfo: ",
                                "heading: egress does not guard",
                                "heading: Guards",
                                "heading: Gaps over time",
                                "heading: Deaths and last words",
                                "region: Guards",
                                "region: Gaps over time",
                                "region: Deaths and last words",
                                "table: Guards",
                                "rowheader: egress",
                                "rowheader: pipelock",
                                "table: Gaps",
                                "combobox: Show",
                                "status: ",
                                "region: last words of egress")
                        .anyMatch(node -> node.startsWith("image: egress, the last ")
                                || node.startsWith("img: egress, the last "))
                        .doesNotContain("button: ", "link: ", "image: ", "img: ", "region: ", "table: ", "heading: ");
            }
        }
    }
}
