package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which daemons are started, and in which order. */
@NeedsNamespaces
class SelectionIT {

    private static final String VARIABLE = "CLAUDE_BOTTLE_SIDECAR_DAEMONS";

    private static BundleText four() {
        return bundle().daemon("egress", OBEDIENT)
                .daemon("pipelock", OBEDIENT)
                .daemon("git-gate", OBEDIENT)
                .daemon("supervise", OBEDIENT);
    }

    private static List<String> started(Program program) {
        return program.ownLines().stream()
                .filter(line -> line.startsWith("starting "))
                .map(line -> line.substring("starting ".length()))
                .toList();
    }

    @Test
    void withoutAListAllAreStartedInTheBundlesOrder() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(four());

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress", "pipelock", "git-gate", "supervise");
            program.stop();

            // Then
            assertThat(started(program)).containsExactly("egress", "pipelock", "git-gate", "supervise");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   "})
    void anEmptyOrBlankListMeansAll(String list) throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(four()).env(VARIABLE, list);

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress", "pipelock", "git-gate", "supervise");
            program.stop();

            // Then
            assertThat(started(program)).containsExactly("egress", "pipelock", "git-gate", "supervise");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pipelock                         | pipelock",
                "' supervise , egress '           | egress supervise",
                "git-gate,git-gate,,pipelock,     | pipelock git-gate"
            })
    void aListPicksASubsetWhichKeepsTheBundlesOrder(String list, String names) throws Exception {
        // Given
        String[] expected = names.split(" ");
        ProgramBuilder builder = ProgramBuilder.of(four()).env(VARIABLE, list);

        // When
        try (Program program = builder.start()) {
            program.awaitUp(expected);
            List<String> reported =
                    program.http.answers() ? program.http.status().getList("daemons.name") : null;
            program.stop();

            // Then
            assertThat(started(program)).containsExactly(expected);
            assertThat(reported == null ? List.of(expected) : reported).containsExactly(expected);
        }
    }

    @Test
    void unknownNamesAreIgnoredWithOneLogLineEach() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(four()).env(VARIABLE, "nope,egress,Pipelock,nope");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertThat(started(program)).containsExactly("egress");
            assertThat(program.ownLines().stream().filter(line -> line.contains("nope")))
                    .hasSize(1);
            assertThat(program.ownLines().stream().filter(line -> line.contains("Pipelock")))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", ",", "EGRESS"})
    void aListWithoutAKnownNameSelectsNoDaemons(String list) throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(four()).env(VARIABLE, list);

        // When
        try (Program program = builder.start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(program.lines()).last().isEqualTo("sidecar-init: no daemons selected; nothing to do");
            assertThat(program.lines().stream().filter(line -> line.contains("exit ")))
                    .isEmpty();
            assertThat(started(program)).isEmpty();
        }
    }

    @Test
    void theFlagWinsOverTheVariable() throws Exception {
        // Given
        ProgramBuilder builder =
                ProgramBuilder.of(four()).env(VARIABLE, "pipelock").with("run", "--daemons", "egress");

        // When
        try (Program program = builder.start()) {
            program.awaitUp("egress");
            program.stop();

            // Then
            assertThat(started(program)).containsExactly("egress");
        }
    }

    @Test
    void withoutABundleFileTheBuiltInGuardsAreStarted() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of().env("CLAUDE_BOTTLE_SIDECAR_CONFIG", "");

        // When
        try (Program program = builder.start()) {
            program.awaitThat("four starts", () -> started(program).size() == 4);

            // Then
            assertThat(started(program)).containsExactly("egress", "pipelock", "git-gate", "supervise");
        }
    }

    @Test
    void aHundredDaemonsAreStartedInOrderAndAllStop() throws Exception {
        // Given
        BundleText bundle = bundle();
        List<String> names =
                Stream.iterate(0, i -> i + 1).limit(100).map(i -> "guard-" + i).toList();
        names.forEach(name -> bundle.daemon(name, OBEDIENT));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp(names.toArray(String[]::new));
            int code = program.stop();

            // Then
            assertThat(started(program)).isEqualTo(names);
            assertThat(code).isZero();
        }
    }

    @Test
    void aVeryLongNameIsAccepted() throws Exception {
        // Given
        String name = "a".repeat(1000);

        // When
        try (Program program =
                ProgramBuilder.of(bundle().daemon(name, OBEDIENT)).start()) {
            program.awaitUp(name);
            int code = program.stop();

            // Then
            assertThat(code).isZero();
        }
    }
}
