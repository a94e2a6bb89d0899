package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.ScriptedSupervisor.exit;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the page makes of a long or an incomplete history. */
@NeedsChromium
class PageHistoryIT {

    private static final String OUT_OF_MEMORY = exit(
            137,
            "SIGKILL",
            "signal",
            "HTTP(S) proxy listening at *:9099.",
            "POST https://api.example.com/v1/messages",
            "     << 200 OK 310.4m");

    private static Chromium browser;

    @BeforeAll
    static void startBrowser() {
        browser = new Chromium();
        browser.show(1100, 1120, "light");
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @AfterEach
    void noErrors() {
        assertThat(browser.complaints()).isEmpty();
    }

    /** With {@code -Dpage.screenshot=docs/page.png} it makes the README's picture. */
    @Test
    void plannedGapsAreNamedAndAreNoDeaths() throws Exception {
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofMinutes(160), 1)) {
            // Given
            supervisor
                    .daemon(
                            "egress",
                            "'starts':2,'restarts':1,'startedAt':'" + supervisor.ago(2640)
                                    + "','lastExit':{'code':137,'signal':'SIGKILL','reason':'signal','error':null,'oomKilled':true,'at':'"
                                    + supervisor.ago(2700)
                                    + "'},'gaps':{'open':false,'count':1,'seconds':60.0,'plannedSeconds':0.0}")
                    .daemon(
                            "pipelock",
                            "'starts':2,'restarts':1,'startedAt':'" + supervisor.ago(4800)
                                    + "','lastExit':{'code':143,'signal':'SIGTERM','reason':'signal','error':null,'oomKilled':false,'at':'"
                                    + supervisor.ago(5000)
                                    + "'},'gaps':{'open':false,'count':0,'seconds':0.0,'plannedSeconds':200.0}")
                    .daemon(
                            "git-gate",
                            "'gaps':{'open':true,'count':2,'seconds':455.0,'plannedSeconds':0.0},'state':'starting','ready':false,"
                                    + "'readiness':{'passed':false,'failure':'HTTP 502','at':'" + supervisor.ago(4)
                                    + "'}")
                    .daemon("supervise", "")
                    .event(supervisor.ago(9600), "bundle.started", "", "");
            for (String name : new String[] {"egress", "pipelock", "git-gate", "supervise"}) {
                supervisor
                        .event(supervisor.ago(9598), "daemon.started", name, "")
                        .event(supervisor.ago(9598), "daemon.ready", name, "");
            }
            supervisor
                    .event(supervisor.ago(7400), "daemon.unready", "git-gate", "'error':'HTTP 503'")
                    .event(supervisor.ago(7000), "daemon.recovered", "git-gate", "'gapSeconds':400.0")
                    .away(
                            supervisor.ago(5000),
                            Duration.ofSeconds(200),
                            "pipelock",
                            exit(143, "SIGTERM", "signal"),
                            true)
                    .away(supervisor.ago(2700), Duration.ofSeconds(60), "egress", OUT_OF_MEMORY, false)
                    .event(supervisor.ago(55), "daemon.unready", "git-gate", "'error':'HTTP 502'");

            // When
            browser.open(supervisor.port());
            browser.awaitTitle("git-gate does not guard");
            browser.awaitThat("the events", () -> !browser.timeline("pipelock").contains("0 gaps"));

            // Then
            assertThat(browser.timeline("pipelock"))
                    .contains("1 gap; 0 deaths; planned gap ", "for 3 min 20 s: asked for");
            assertThat(browser.cell("pipelock", "Gaps")).isEqualTo("noneplanned: 3 min 20 s");
            assertThat(browser.<Long>js("return document.querySelectorAll('#tracks .plan').length"))
                    .isOne();
            assertThat(browser.<Long>js("return document.querySelectorAll('#tracks .gap').length"))
                    .isEqualTo(3);
            assertThat(browser.<Long>js("return document.querySelectorAll('#tracks .death').length"))
                    .isOne();
            assertThat(browser.texts("#deaths summary"))
                    .singleElement()
                    .asString()
                    .endsWith("egressexited with code 137 (SIGKILL, out of memory)");
            assertThat(browser.text("#known")).startsWith("Complete since the start");
            browser.js("document.getElementById('gaps').open = true");
            browser.awaitThat(
                    "a table of gaps", () -> browser.texts("#gaps tbody tr").size() == 4);
            assertThat(browser.texts("#gaps tbody td:last-child"))
                    .containsExactly(
                            "not ready: HTTP 502", "exited with code 137 (SIGKILL, out of memory)",
                            "planned: asked for", "not ready: HTTP 503");
            screenshot();

            // When: another range
            browser.js(
                    "const range = document.getElementById('range'); range.value = '3600'; range.dispatchEvent(new Event('change'))");

            // Then
            assertThat(browser.timeline("pipelock")).contains("the last 1 h 0 min", "0 gaps; 0 deaths");
            assertThat(browser.texts("#gaps tbody tr")).hasSize(2);
        }
    }

    /** That of egress, when the page has this title and all events. */
    private static String timeline(ScriptedSupervisor supervisor, String title) {
        browser.open(supervisor.port());
        browser.awaitTitle(title);
        browser.awaitThat("the events", () -> browser.text("#known").startsWith("Complete since the start"));
        return browser.timeline("egress");
    }

    private static void screenshot() throws Exception {
        String file = System.getProperty("page.screenshot", "");
        if (!file.isEmpty()) {
            browser.js(
                    "document.getElementById('gaps').open = false; document.querySelector('#deaths details').open = true");
            browser.screenshot(Path.of(file));
            browser.js("document.getElementById('gaps').open = true");
        }
    }

    @Test
    void gapsThatTheEventLogHasDroppedAreSaidNotHidden() throws Exception {
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofHours(30), 4711)) {
            supervisor
                    .daemon("egress", "'gaps':{'open':false,'count':5,'seconds':90.5,'plannedSeconds':0.0}")
                    .daemon(
                            "pipelock",
                            "'gaps':{'open':true,'count':1,'seconds':100000.0,'plannedSeconds':0.0},'state':'exited','ready':false")
                    .away(supervisor.ago(600), Duration.ofSeconds(30), "egress", exit(1, "", "exit"), false);

            browser.open(supervisor.port());
            browser.awaitThat("what is known", () -> browser.text("#known").contains("Counted"));

            assertThat(browser.text("#known"))
                    .startsWith("The event log is bounded: gaps and deaths are known since ")
                    .endsWith(" Counted, but no longer in the event log: egress 4 gaps of 1 min 0 s in all.");
            assertThat(browser.timeline("egress")).contains("1 gap; 1 death", "4 earlier, no longer listed");
            // that began before the first event that is left
            assertThat(browser.timeline("pipelock")).contains("1 gap; 0 deaths", "still open");
            assertThat(browser.<Long>js("return document.querySelectorAll('#tracks .unknown').length"))
                    .isEqualTo(2);
        }
    }

    @Test
    void aGapThatNoEventHasBegunIsShown() throws Exception {
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofMinutes(2), 1)) {
            // a liveness probe has failed, and the daemon is being stopped
            supervisor
                    .daemon(
                            "egress",
                            "'state':'stopping','ready':false,'gaps':{'open':true,'count':1,'seconds':4.0,'plannedSeconds':0.0}")
                    .event(supervisor.ago(120), "bundle.started", "", "")
                    .event(supervisor.ago(119), "daemon.ready", "egress", "");

            assertThat(timeline(supervisor, "egress does not guard")).contains("1 gap; 0 deaths", "still open");
        }
    }

    @Test
    void aPlannedGapBeginsWithTheRequest() throws Exception {
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofMinutes(2), 1)) {
            // it has not ended yet
            supervisor
                    .daemon(
                            "egress",
                            "'state':'stopping','ready':false,'gaps':{'open':true,'count':0,'seconds':0.0,'plannedSeconds':5.0}")
                    .event(supervisor.ago(120), "bundle.started", "", "")
                    .event(supervisor.ago(119), "daemon.ready", "egress", "")
                    .event(supervisor.ago(5), "daemon.restarting", "egress", "'planned':true");

            assertThat(timeline(supervisor, "egress does not guard"))
                    .contains("1 gap; 0 deaths; planned gap ", "still open: asked for");
        }
    }

    @Test
    void aPlannedGapEndsWhereADeathBeginsAnother() throws Exception {
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofMinutes(2), 1)) {
            supervisor
                    .daemon("egress", "'gaps':{'open':false,'count':1,'seconds':20.0,'plannedSeconds':10.0}")
                    .event(supervisor.ago(120), "bundle.started", "", "")
                    .event(supervisor.ago(119), "daemon.ready", "egress", "")
                    .event(supervisor.ago(60), "daemon.restarting", "egress", "'planned':true")
                    .event(supervisor.ago(58), "daemon.exited", "egress", exit(0, "", "exit") + ",'planned':true")
                    .away(supervisor.ago(50), Duration.ofSeconds(20), "egress", exit(1, "", "exit"), false);

            assertThat(timeline(supervisor, "egress guards"))
                    .contains("2 gaps; 1 death; planned gap ", "for 10 s: asked for; gap ")
                    .endsWith("for 20 s: exited with code 1");
        }
    }

    @Test
    void theWaitForTheFirstReadinessIsNoPartOfALaterGap() throws Exception {
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofMinutes(2), 1)) {
            supervisor
                    .daemon(
                            "egress",
                            "'state':'exited','ready':false,'gaps':{'open':true,'count':1,'seconds':5.0,'plannedSeconds':0.0}")
                    .event(supervisor.ago(120), "bundle.started", "", "")
                    .event(supervisor.ago(110), "daemon.unready", "egress", "'error':'HTTP 502'")
                    .event(supervisor.ago(100), "daemon.ready", "egress", "")
                    .event(supervisor.ago(5), "daemon.exited", "egress", exit(3, "", "exit"));

            assertThat(timeline(supervisor, "egress does not guard"))
                    .contains("1 gap; 1 death", "still open: exited with code 3");
        }
    }

    @Test
    void aConnectionWithoutASignOfLifeIsNotShownAsLive() throws Exception {
        // Given: a clock that comes to the limit at once, and no next attempt
        Object script = browser.devtools(
                "Page.addScriptToEvaluateOnNewDocument",
                Map.of(
                        "source",
                        "const wait = setTimeout; window.setTimeout = (run, time) => wait(run, time === 35000 ? 100 : time === 1000 ? 1e9 : time)"));
        try (ScriptedSupervisor supervisor = new ScriptedSupervisor(Duration.ofMinutes(2), 1)) {
            supervisor.daemon("egress", "").event(supervisor.ago(120), "bundle.started", "", "");

            browser.open(supervisor.port());

            browser.awaitTitle("No connection to Sidecar Init");
            browser.awaitThat("the cause", () -> browser.text("#detail").contains("no sign of life for 35 s"));
        } finally {
            browser.devtools(
                    "Page.removeScriptToEvaluateOnNewDocument",
                    Map.of("identifier", ((Map<?, ?>) script).get("identifier")));
        }
    }
}
