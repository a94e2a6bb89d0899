package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuggestionTest {

    private static final List<String> KNOWN = List.of(
            "command",
            "environment",
            "inherit_environment",
            "user",
            "url",
            "leave",
            "restart",
            "stop_signal",
            "inherits");

    @ParameterizedTest
    @CsvSource({
        "comand,command",
        "commmand,command",
        "commund,command",
        "comamnd,command",
        "COMMAND,command",
        "restrt,restart",
        "uri,url",
        "usr,user",
        "stop-sgnal,stop_signal",
        "enviromnet,environment",
        "enviromnett,environment",
        "inhertis,inherits",
        "nherit,inherits",
    })
    void aWordThatIsAlmostAKnownOneSuggestsIt(String given, String meant) {
        assertThat(Suggestion.of(given, KNOWN)).isEqualTo(" (did you mean " + meant + "?)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cmd",
                "args",
                "u",
                "leaves-it",
                "restarted",
                "image",
                "environment_of_it",
                "rulx",
                "rsetar",
                "erstrat"
            })
    void anyOtherWordSuggestsNone(String given) {
        assertThat(Suggestion.of(given, KNOWN)).isEmpty();
    }

    @Test
    void theClosestWordIsSuggested() {
        assertThat(Suggestion.of("egress-11", List.of("egress-2", "egress-1"))).isEqualTo(" (did you mean egress-1?)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "comand: [x] | comand: unknown key (did you mean command?);",
                "failure_policy: restrt | failure_policy: \"restrt\" is not a failure policy (did you mean restart?);",
                "stop_signal: TREM | stop_signal: \"TREM\" is not a signal (did you mean TERM?);",
                "stop_signal: SIGTREM | stop_signal: \"SIGTREM\" is not a signal (did you mean SIGTERM?);",
                "depends_on: [egres] | depends_on: item 1: unknown daemon \"egres\" (did you mean egress?);",
                "liveness: {exce: [x], tcp: \"a:1\"} | liveness.exce: unknown key (did you mean exec?);",
                "restart: {crash_loop_action: keep_trying} | restart.crash_loop_action: \"keep_trying\" is not a crash-loop action (did you mean keep-trying?);",
            })
    void anErrorInAWordSuggestsTheOneThatWasMeant(String line, String error) {
        assertThat(BundleFixture.errorsInDaemon(line))
                .singleElement()
                .asString()
                .startsWith("b.yaml:4: daemons.egress." + error);
    }
}
