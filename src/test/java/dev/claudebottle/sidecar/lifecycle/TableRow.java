package dev.claudebottle.sidecar.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A row of {@code state-event-table.txt}. */
record TableRow(StateFixture state, EventFixture event, Outcome outcome) {

    sealed interface Outcome {}

    /**
     * @param state in the words of {@link StateEventTableTest}
     * @param effects in the words of {@link EffectFormatter}
     */
    record Becomes(String state, List<String> effects) implements Outcome {}

    /** No effect, and no daemon changes. */
    record Ignored() implements Outcome {}

    /** No effect, and no daemon changes but the time of what is due. */
    record Postponed() implements Outcome {}

    record Refused() implements Outcome {}

    static List<TableRow> readAll() throws IOException {
        List<TableRow> rows = new ArrayList<>();
        StateFixture state = null;
        List<String> effects = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("    ")) {
                effects.add(line.strip());
            } else if (line.startsWith("  ")) {
                effects = new ArrayList<>();
                String[] parts = line.strip().split(": ", 2);
                for (String event : parts[0].split(", ")) {
                    rows.add(new TableRow(state, EventFixture.valueOf(event), outcome(parts[1], effects)));
                }
            } else if (!line.isBlank() && !line.startsWith("#")) {
                state = StateFixture.valueOf(line);
            }
        }
        return rows;
    }

    private static Outcome outcome(String words, List<String> effects) {
        return switch (words) {
            case "ignored" -> new Ignored();
            case "postponed" -> new Postponed();
            case "refused" -> new Refused();
            default -> new Becomes(words, effects);
        };
    }

    private static List<String> lines() throws IOException {
        try (InputStream table = TableRow.class.getResourceAsStream("state-event-table.txt")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    @Override
    public String toString() {
        return state + " x " + event;
    }
}
