package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flag before variable before file before built-in, as {@code check} prints it. */
@NeedsNamespaces
class PrecedenceIT {

    private static final String PREFIX = "CLAUDE_BOTTLE_SIDECAR_";

    private static List<String> check(ProgramBuilder builder) throws Exception {
        try (Program program = builder.start()) {
            assertThat(program.exitCode()).as(program.errors().toString()).isZero();
            return program.lines();
        }
    }

    private static ProgramBuilder builder(BundleText bundle) {
        return ProgramBuilder.of("check").env(PREFIX + "CONFIG", bundle.file().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "failure_policy, leave, FAILURE_POLICY, teardown, --failure-policy, leave",
        "stop_grace_period, 8s, GRACE, 3s, --grace, 1500ms"
    })
    void aFlagWinsOverAVariableAVariableOverTheFileAndTheFileOverTheBuiltInBundle(
            String key, String builtIn, String variable, String inVariable, String flag, String inFlag)
            throws Exception {
        // Given
        BundleText silent = bundle().daemon("a", OBEDIENT);
        String inFile = key.equals("failure_policy") ? "teardown" : "5s";
        BundleText speaking = bundle(key + ": " + inFile).daemon("a", OBEDIENT);

        // When
        List<String> fromNothing = check(builder(silent));
        List<String> fromFile = check(builder(speaking));
        List<String> fromVariable = check(builder(silent).env(PREFIX + variable, inVariable));
        List<String> fromEmptyVariable = check(builder(speaking).env(PREFIX + variable, ""));
        List<String> fromFlag =
                check(builder(speaking).env(PREFIX + variable, inVariable).with(flag, inFlag));

        // Then
        assertThat(fromNothing).contains(key + ": " + builtIn);
        assertThat(fromFile).contains(key + ": " + inFile);
        assertThat(fromVariable).contains(key + ": " + inVariable);
        assertThat(fromEmptyVariable).contains(key + ": " + inFile);
        assertThat(fromFlag).contains(key + ": " + inFlag);
    }

    @Test
    void theLogFormatsVariableWinsOverTheFileAndTheFlagOverBoth() throws Exception {
        // Given
        BundleText text = bundle("logs: {format: text}").daemon("a", "exit 0");

        // When
        List<String> byVariable = check(ProgramBuilder.of(text).env(PREFIX + "LOG_FORMAT", "json"));
        List<String> byFlag =
                check(ProgramBuilder.of(text).env(PREFIX + "LOG_FORMAT", "json").with("--log-format", "text"));

        // Then
        assertThat(byVariable).allMatch(line -> line.startsWith("{"));
        assertThat(byFlag).allMatch(line -> line.startsWith("sidecar-init: "));
    }

    @Test
    void theConfigFlagWinsOverItsVariable() throws Exception {
        // Given
        BundleText stronger = bundle().daemon("stronger", OBEDIENT);
        BundleText weaker = bundle().daemon("weaker", OBEDIENT);

        // When
        List<String> effective =
                check(builder(weaker).with("--config", stronger.file().toString()));

        // Then
        assertThat(effective).contains("  stronger:").doesNotContain("  weaker:");
    }

    @Test
    void aDaemonsOwnPolicyAndGraceStayButNoGraceIsAboveTheBundles() throws Exception {
        // Given
        BundleText own = bundle().daemon("a", OBEDIENT, "failure_policy: teardown", "stop_grace_period: 5s")
                .daemon("b", OBEDIENT, "stop_grace_period: 1s");

        // When
        List<String> effective = check(builder(own).with("--failure-policy", "leave", "--grace", "3s"));

        // Then
        assertThat(effective)
                .contains("    failure_policy: teardown", "    stop_grace_period: 3s", "    stop_grace_period: 1s")
                .doesNotContain("    stop_grace_period: 5s");
    }
}
