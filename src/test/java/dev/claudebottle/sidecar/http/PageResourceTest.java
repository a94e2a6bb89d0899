package dev.claudebottle.sidecar.http;

import static io.restassured.RestAssured.given;
import static io.restassured.RestAssured.when;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /}, as far as that shows without a browser. */
@QuarkusTest
class PageResourceTest {

    private static String body() {
        return new String(when().get("/").asByteArray(), UTF_8);
    }

    /** The content of all elements with this tag. */
    private static List<String> contents(String tag) {
        return Pattern.compile("<" + tag + "\\b[^>]*>(.*?)</" + tag + ">", Pattern.DOTALL)
                .matcher(body())
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static String source(String content) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8));
        return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/html", "application/json", "text/plain", "image/png", "nonsense", ""})
    void isHtmlWhateverAcceptSays(String accept) {
        Response response = given().header("Accept", accept).get("/");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.contentType()).isEqualToIgnoringCase("text/html;charset=utf-8");
        assertThat(response.asString()).startsWith("<!doctype html>");
    }

    @Test
    void answersHeadAsGetWithoutABody() {
        Response response = when().head("/");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.header("Content-Length"))
                .isEqualTo(Integer.toString(when().get("/").asByteArray().length));
        assertThat(response.header("Content-Security-Policy"))
                .isEqualTo(when().get("/").header("Content-Security-Policy"));
        assertThat(response.asByteArray()).isEmpty();
    }

    @Test
    void thePolicyAllowsItsOneStyleItsOneScriptAndRequestsToUs() throws Exception {
        List<String> styles = contents("style");
        List<String> scripts = contents("script");
        assertThat(styles).hasSize(1);
        assertThat(scripts).hasSize(1);

        assertThat(when().get("/").header("Content-Security-Policy").split("; "))
                .containsExactlyInAnyOrder(
                        "default-src 'none'",
                        "connect-src 'self'",
                        "style-src " + source(styles.getFirst()),
                        "script-src " + source(scripts.getFirst()),
                        "base-uri 'none'",
                        "form-action 'none'",
                        "frame-ancestors 'none'",
                        "require-trusted-types-for 'script'",
                        "trusted-types 'none'");
    }

    @Test
    void otherSitesCannotUseIt() {
        Response response = when().get("/");

        assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(response.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(response.header("Cross-Origin-Embedder-Policy")).isEqualTo("require-corp");
        assertThat(response.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(response.header("Access-Control-Allow-Origin")).isNull();
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void refersToNothingButOurOwnPaths() {
        String page = body();
        Matcher references = Pattern.compile(
                        "(?:\\b(?:src|href|action|data|poster)=|url\\(|fetch\\(|@import)\\s*[\"']?([^\"'\\s>)]*)")
                .matcher(page);

        assertThat(references.results().map(match -> match.group(1)).distinct())
                .containsExactlyInAnyOrder("status", "events", "q/health", "q/metrics");
        assertThat(page).doesNotContain("http:", "https:", "//#", "import(");
    }

    @Test
    void makesTextOfWhatItShows() {
        assertThat(contents("script").getFirst())
                .doesNotContain(
                        "innerHTML",
                        "outerHTML",
                        "insertAdjacentHTML",
                        "document.write",
                        "eval(",
                        "Function(",
                        "DOMParser",
                        "setHTML",
                        "createContextualFragment",
                        "srcdoc");
        assertThat(body()).doesNotContainPattern("<[^>]+\\s(?:on[a-z]+|style)=");
    }

    @Test
    void isSmall() {
        assertThat(body().length()).isLessThan(35_000);
    }
}
