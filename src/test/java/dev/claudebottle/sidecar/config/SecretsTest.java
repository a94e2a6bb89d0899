package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No error repeats a value of {@code environment}, or a password in a URL, in whatever way it is mistyped. */
class SecretsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "environment: hunter2",
                "environment: [PASSWORD=hunter2]",
                "environment: {PASSWORD=hunter2}",
                "environment: {PASSWORD=hunter2: x}",
                "environment: {PASSWORD:hunter2}",
                "environment: {PASSWORD: x,hunter2}",
                "environment: {PASSWORD: x,hunter2,hunter2}",
                "environment: {PASSWORD: *hunter2}",
                "environment: {PASSWORD: !hunter2 x}",
                "environment: {PASSWORD: !hunter2!x y}",
                "environment: {PASSWORD: !<hunter2> x}",
                "environment: {PASSWORD: \"hunter2\\0\"}",
                "environment: {PASSWORD: [hunter2]}",
                "environment: {PASSWORD: {hunter2: x}}",
                "environment: {PASSWORD: 'hunter2}",
                "environment: {PASSWORD: hunter2, PASSWORD: hunter2}",
                "environment:\n  PASSWORD: hunter2: x",
                "environment:\n  PASSWORD: @hunter2",
                "environment:\n  PASSWORD: \"hunter2\\q\"",
                "environment:\nPASSWORD: hunter2",
                "environment:\n  PASSWORD: hunter2\u0001",
                "environment: {PASSWORD: \"hunter2\\ud800\"}",
                "environment:\n  PASSWORD=hunter2",
                "environment:\n- PASSWORD: hunter2",
                "inherit_environment: [PASSWORD=hunter2]",
                "environment: {PASSWORD: hunter2",
                "environment:\n\tPASSWORD: hunter2",
                "environment: {PASSWORD: \"\\xhunter2\"}",
                "environment: {PASSWORD: &hunter2 *hunter2}",
                "readiness: {http: \"http://me:hunter2@a b\"}",
                "readiness: {http: \"http://a/\", proxy: \"http://me:hunter2@a:0\"}",
                "liveness: {tcp: \"hunter2@a:1\"}",
            })
    void noErrorRepeatsAValueOfTheEnvironment(String keys) {
        assertThat(BundleFixture.errorsInDaemon(keys)).isNotEmpty().noneMatch(line -> line.contains("hunter2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://me:hunter2@a/", "hunter2", "http://me:hunter2@a b/", "http://hunter2@a:0/"})
    void noErrorRepeatsThePasswordOfASink(String url) {
        assertThatThrownBy(() -> Settings.read(Flags.NONE, Map.of("K_SINK", url)))
                .isInstanceOf(InvalidBundleException.class)
                .hasMessageStartingWith("K_SINK: ")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void noErrorRepeatsThePasswordOfAUrl() {
        assertThat(BundleFixture.errorsIn("notify: {url: \"ftp://me:hunter2@a/\"}\ndaemons: {a: {command: [x]}}"))
                .singleElement()
                .asString()
                .doesNotContain("hunter2");
    }
}
