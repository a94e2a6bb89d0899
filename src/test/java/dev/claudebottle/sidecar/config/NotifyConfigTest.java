package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code notify}, {@code events} and {@code forward_hup}. */
class NotifyConfigTest {

    private static final String URL = "a URL with a host, as in http://127.0.0.1:9100/";
    private static final String DAEMONS = "\ndaemons: {a: {command: [x]}, b: {command: [x]}}";

    @Test
    void byDefaultAnEventHasTwentyLinesAndHupIsNotForwarded() {
        // When
        Bundle bundle = BundleFixture.read(DAEMONS);

        // Then
        assertThat(bundle.outputLines()).isEqualTo(20);
        assertThat(bundle.forwardHup()).isEmpty();
        assertThat(bundle.notifyUrls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"events: {}", "notify: {}", "forward_hup: []"})
    void anEmptyValueIsTheDefault(String line) {
        assertThat(BundleFixture.read(line + DAEMONS)).isEqualTo(BundleFixture.read(DAEMONS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:9100/events",
                "https://example.org",
                "http://[::1]:8443/x?y=z",
                "http://me:secret@h/"
            })
    void theUrlIsReadUnchanged(String url) {
        assertThat(BundleFixture.read("notify: {url: \"" + url + "\"}" + DAEMONS)
                        .notifyUrls())
                .containsExactly(URI.create(url));
    }

    @Test
    void severalUrlsAreReadInTheirOrder() {
        // Given
        List<String> eight = IntStream.rangeClosed(1, 8)
                .mapToObj(port -> "http://me:p%40ss@127.0.0.1:" + port + "/x?y=z")
                .toList();

        // Then
        assertThat(BundleFixture.read("notify: {urls: [\"" + String.join("\", \"", eight) + "\"]}" + DAEMONS)
                        .notifyUrls())
                .map(URI::toString)
                .isEqualTo(eight);
        assertThat(BundleFixture.read("notify: {urls: [\"http://a/\"]}" + DAEMONS))
                .isEqualTo(BundleFixture.read("notify: {url: \"http://a/\"}" + DAEMONS));
    }

    @Test
    void everyMistakeInTheUrlsIsNamed() {
        // Given
        String file = "notify:\n  url: ftp://hunter2@a/\n  urls:\n    - http://a/\n    - ~\n    - http://me:hunter2@/\n"
                + "    - http://a/\n    - [x]" + DAEMONS;

        // Then
        assertThat(BundleFixture.errorsIn(file))
                .containsExactlyInAnyOrder(
                        "b.yaml:1: notify: url and urls together; expected one of url, urls",
                        "b.yaml:2: notify.url: not an http or https URL; expected " + URL,
                        "b.yaml:5: notify.urls: item 2: null; expected " + URL,
                        "b.yaml:6: notify.urls: item 3: not an http or https URL; expected " + URL,
                        "b.yaml:7: notify.urls: item 4: the URL of an earlier item; expected each URL once",
                        "b.yaml:8: notify.urls: item 5: a list; expected " + URL);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void theNumberOfOutputLinesIsRead(int lines) {
        assertThat(BundleFixture.read("events: {output_lines: " + lines + "}" + DAEMONS)
                        .outputLines())
                .isEqualTo(lines);
    }

    @Test
    void forwardHupIsReadInItsOrderAndEachNameOnce() {
        assertThat(BundleFixture.read("forward_hup: [b, a, b]" + DAEMONS).forwardHup())
                .containsExactly("b", "a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "notify: | notify: null; expected a map",
                "notify: {uri: x} | notify.uri: unknown key (did you mean url?); expected one of url, urls",
                "notify: {url: ~} | notify.url: null; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {url: 5} | notify.url: a number; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {url: \"\"} | notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {url: \"ftp://a/\"} | notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {url: \"http:///x\"} | notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {url: \"http://a:0/\"} | notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {url: \"http://a:99999/\"} | notify.url: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "notify: {urls: \"http://a/\"} | notify.urls: text; expected a list of 1 to 8 URLs",
                "notify: {urls: []} | notify.urls: an empty list; expected a list of 1 to 8 URLs",
                "notify: {urls: [http://a, http://b, http://c, http://d, http://e, http://f, http://g, http://h, http://i]}"
                        + " | notify.urls: 9 URLs; expected a list of 1 to 8 URLs",
                "notify: {urls: [http://a, http://a]} | notify.urls: item 2: the URL of an earlier item; expected each URL once",
                "notify: {url: http://a, urls: [http://b]} | notify: url and urls together; expected one of url, urls",
                "events: 20 | events: a number; expected a map",
                "events: {lines: 1} | events.lines: unknown key; expected one of output_lines",
                "events: {output_lines: -1} | events.output_lines: \"-1\" is out of range; expected a whole number from 0 to 1000",
                "events: {output_lines: 1001} | events.output_lines: \"1001\" is out of range; expected a whole number from 0 to 1000",
                "events: {output_lines: 99999999999} | events.output_lines: \"99999999999\" is out of range; expected a whole number from 0 to 1000",
                "events: {output_lines: 0x10} | events.output_lines: \"0x10\" is not written in digits; expected a whole number from 0 to 1000",
                "events: {output_lines: all} | events.output_lines: text; expected a whole number from 0 to 1000",
                "forward_hup: a | forward_hup: text; expected a list of daemons",
                "forward_hup: [a, egres] | forward_hup: item 2: unknown daemon \"egres\"; expected a daemon of this file",
                "forward_hup: [~] | forward_hup: item 1: null; expected a daemon's name",
            })
    void aWrongValueIsOneErrorWithItsLine(String line, String error) {
        assertThat(BundleFixture.errorsIn(line + DAEMONS)).containsExactly("b.yaml:1: " + error);
    }
}
