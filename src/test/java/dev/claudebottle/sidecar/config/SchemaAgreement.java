package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;

/** Reader and schema find the same files valid. {@link BundleFixture} asks for it with every file that a test reads. */
final class SchemaAgreement {

    /**
     * What only the reader finds.
     *
     * @param reason why the schema can't
     * @param error what the reader says of it
     * @param sample has no other mistake
     */
    record ReadersOwn(String reason, Pattern error, String sample) {

        ReadersOwn(String reason, String error, String sample) {
            this(reason, Pattern.compile(error), sample);
        }

        @Override
        public String toString() {
            return error + ": " + reason;
        }
    }

    private static final String OTHER_VALUES = "a schema can't compare a value with what stands elsewhere in the file";
    private static final String NO_JSON = "it has no equivalent in JSON, which is what a schema is about";
    private static final String ENGINES = "regular expressions of different engines disagree about it";
    private static final String LENGTHY =
            "a pattern that counts the zeros in front, of which none is needed, would be hard to read";

    static final List<ReadersOwn> READERS_OWN = List.of(
            new ReadersOwn(OTHER_VALUES, "unknown daemon", "forward_hup: [b]\ndaemons: {a: {command: [x]}}"),
            new ReadersOwn(OTHER_VALUES, "circular", "daemons: {a: {command: [x], depends_on: [a]}}"),
            new ReadersOwn(
                    OTHER_VALUES,
                    "stop_grace_period: .* is above the bundle's",
                    "daemons: {a: {command: [x], stop_grace_period: 9s}}"),
            new ReadersOwn(
                    OTHER_VALUES,
                    "max_delay: .* is below",
                    "restart: {initial_delay: 2s, max_delay: 1s}\ndaemons: {a: {command: [x]}}"),
            new ReadersOwn(
                    OTHER_VALUES,
                    "initial_delay: .* is above",
                    "restart: {max_delay: 1s}\ndaemons: {a: {command: [x], restart: {initial_delay: 2s}}}"),
            new ReadersOwn(NO_JSON, "given twice", "logs: {}\nlogs: {}\ndaemons: {a: {command: [x]}}"),
            new ReadersOwn(NO_JSON, "key: (null|a list|a map)", "~: x\ndaemons: {a: {command: [x]}}"),
            new ReadersOwn(NO_JSON, "merging by <<", "daemons: {a: {command: [x], <<: {user: me}}}"),
            new ReadersOwn(NO_JSON, "a YAML tag", "daemons: {a: {command: [x], environment: {A: !secret b}}}"),
            new ReadersOwn(
                    NO_JSON, "is not written in digits", "events: {output_lines: 0x10}\ndaemons: {a: {command: [x]}}"),
            new ReadersOwn(ENGINES, "half a surrogate pair", "daemons: {a: {command: [x, \"\\ud800\"]}}"),
            new ReadersOwn(
                    LENGTHY,
                    "\"0[0-9]{9,}[a-zA-Z]+\" is not a duration",
                    "stop_grace_period: 0000000008m\ndaemons: {a: {command: [x]}}"));

    private SchemaAgreement() {}

    /** @param errors those of the reader */
    static void check(Value root, List<String> errors) {
        List<String> wrong;
        try {
            wrong = PublishedSchema.errorsIn(root.node());
        } catch (YamlAsJson.NotJson e) {
            assertThat(errors)
                    .as("what the reader finds where there is no JSON: %s", e)
                    .isNotEmpty();
            return;
        }
        if (errors.isEmpty()) {
            assertThat(wrong).as("what the schema finds in a valid file").isEmpty();
        } else if (!errors.stream().allMatch(SchemaAgreement::isReadersOwn)) {
            assertThat(wrong)
                    .as("what the schema finds in a file with %s", errors)
                    .isNotEmpty();
        }
    }

    private static boolean isReadersOwn(String error) {
        return READERS_OWN.stream().anyMatch(rule -> rule.error().matcher(error).find());
    }
}
