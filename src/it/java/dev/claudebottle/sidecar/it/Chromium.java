package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.ClientConfig;
import org.openqa.selenium.remote.http.HttpMethod;
import org.openqa.selenium.remote.service.DriverCommandExecutor;

/** The Chromium that is installed, without a window, showing the page of one supervisor. */
final class Chromium extends RemoteWebDriver {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String DEVTOOLS = "executeCdpCommand";

    /** The driver as its own process; nothing is looked for or downloaded. */
    private static final class Executor extends DriverCommandExecutor {
        Executor(ChromeDriverService service) {
            super(
                    service,
                    Map.of(DEVTOOLS, new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST)),
                    ClientConfig.defaultConfig());
        }
    }

    Chromium() {
        super(
                new Executor(new ChromeDriverService.Builder()
                        .usingDriverExecutable(driver())
                        .usingAnyFreePort()
                        .withSilent(true)
                        .build()),
                options());
    }

    private static ChromeOptions options() {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser());
        // a sandbox of its own is not to be had for root
        options.addArguments(
                "--headless=new",
                "--hide-scrollbars",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-proxy-server");
        return options;
    }

    static File browser() {
        return program("chromium", "google-chrome");
    }

    static File driver() {
        return program("chromedriver");
    }

    /** The first of these that is on the PATH; a file that does not exist if there is none. */
    private static File program(String... names) {
        return Stream.of(names)
                .flatMap(
                        name -> Stream.of(System.getenv("PATH").split(":")).map(directory -> new File(directory, name)))
                .filter(File::canExecute)
                .findFirst()
                .orElse(new File("/nonexistent"));
    }

    /** Empty if it doesn't say one, because it is not installed or only tells how to install it. */
    static String majorVersion(File program) {
        try {
            Process process = new ProcessBuilder(program.getPath(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            Matcher version =
                    Pattern.compile("(?:Chrom\\w+|ChromeDriver) (\\d+)\\.\\d").matcher(output);
            return version.find() ? version.group(1) : "";
        } catch (IOException notInstalled) {
            return "";
        }
    }

    void open(int port) {
        get("http://127.0.0.1:" + port + "/");
    }

    Object devtools(String command, Map<String, ?> parameters) {
        return execute(DEVTOOLS, Map.of("cmd", command, "params", parameters)).getValue();
    }

    /** @param scheme {@code light} or {@code dark} */
    void show(int width, int height, String scheme) {
        devtools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        devtools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    @SuppressWarnings("unchecked")
    <T> T js(String script, Object... arguments) {
        return (T) executeScript(script, arguments);
    }

    /** The text of the first element, without regard to its style. */
    String text(String selector) {
        return js("return document.querySelector(arguments[0])?.textContent ?? ''", selector);
    }

    List<String> texts(String selector) {
        return js("return [...document.querySelectorAll(arguments[0])].map(each => each.textContent)", selector);
    }

    /** What the page says of one guard under this heading. */
    String cell(String guard, String heading) {
        return js(
                "return [...document.querySelectorAll('#guards tbody tr')].find(row => row.cells[0].textContent === arguments[0])"
                        + "?.querySelector(`[data-label='${arguments[1]}']`).textContent ?? ''",
                guard,
                heading);
    }

    /** The text alternative of one guard's timeline. */
    String timeline(String guard) {
        return js(
                "return [...document.querySelectorAll('#tracks li')].find(row => row.textContent.trim() === arguments[0])"
                        + "?.querySelector('.track').ariaLabel ?? ''",
                guard);
    }

    void awaitTitle(String title) {
        awaitThat("title " + title, () -> text("#title").endsWith(" " + title));
    }

    void awaitThat(String what, Callable<Boolean> condition) {
        try {
            await(what)
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(20))
                    .pollDelay(Duration.ZERO)
                    .atMost(TIMEOUT)
                    .until(condition);
        } catch (ConditionTimeoutException never) {
            throw new AssertionError("no " + what + "; the page says: " + text("body"), never);
        }
    }

    void press(CharSequence key) {
        new Actions(this).sendKeys(key).perform();
    }

    /** What the Tab key reaches, in order: the element's tag, and its text or id; then whether its focus shows. */
    List<String> tabStops() {
        List<String> stops = new ArrayList<>();
        js("document.activeElement.blur(); window.scrollTo(0, 0)");
        for (int presses = 0; presses < 50; presses++) {
            press(Keys.TAB);
            String stop = js(
                    "const at = document.activeElement; if (at === document.body) return '';"
                            + "const name = at.id || at.getAttribute('aria-label') || at.textContent;"
                            + "return at.localName + ' ' + name + (getComputedStyle(at).outlineStyle === 'none' ? ' (focus not visible)' : '')");
            if (stop.isEmpty() || stops.contains(stop)) {
                break;
            }
            stops.add(stop);
        }
        return stops;
    }

    /** What a screen reader is given: {@code role: name}. */
    @SuppressWarnings("unchecked")
    List<String> accessibleNames() {
        Map<String, Object> tree = (Map<String, Object>) devtools("Accessibility.getFullAXTree", Map.of());
        return ((List<Map<String, Object>>) tree.get("nodes"))
                .stream()
                        .filter(node -> Boolean.FALSE.equals(node.get("ignored")))
                        .map(node -> value(node, "role") + ": " + value(node, "name"))
                        .toList();
    }

    @SuppressWarnings("unchecked")
    private static Object value(Map<String, Object> node, String key) {
        Map<String, Object> wrapped = (Map<String, Object>) node.get(key);
        return wrapped == null ? "" : wrapped.getOrDefault("value", "");
    }

    /** The texts whose contrast with their background is below 4.5 (WCAG 2.2, AA). */
    List<String> textsOfLowContrast() {
        return js("""
                const rgb = color => color.match(/[\\d.]+/g).map(Number);
                const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
                    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
                const background = node => {
                  for (; node; node = node.parentElement) {
                    const color = rgb(getComputedStyle(node).backgroundColor);
                    if (color[3] !== 0) return color;
                  }
                  return [255, 255, 255];
                };
                const low = [];
                const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                while (walker.nextNode()) {
                  const node = walker.currentNode.parentElement;
                  if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest('.said, script, option')) continue;
                  const [a, b] = [luminance(rgb(getComputedStyle(node).color)), luminance(background(node))];
                  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                  if (contrast < 4.5) low.push(walker.currentNode.data + ' ' + contrast.toFixed(2));
                }
                return low;
                """);
    }

    /** By how many pixels the page is wider than the window. */
    long overhang() {
        return js("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    }

    /** What the console has got since the last call, without failed requests: violations of the policy, and errors. */
    List<String> complaints() {
        return manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .filter(message -> !message.contains("Failed to load resource") && !message.contains("net::ERR_"))
                .toList();
    }

    void screenshot(Path file) throws IOException {
        Files.write(file, getScreenshotAs(OutputType.BYTES));
    }
}
