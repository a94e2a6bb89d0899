package dev.claudebottle.sidecar.config;

import java.util.Optional;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Why a file is not valid YAML.
 *
 * @param line where something begins that is not closed, even if that shows only further down
 */
record SyntaxError(int line, String problem, String expected) {

    static final String VALID = "valid YAML";

    /** After these words the engine quotes the file, and the quote may be a secret. */
    private static final String[] BEFORE_QUOTES = {
        ", but ", "found character", "escape character", "undefined alias", "tag handle", "version:", "UTF-8:"
    };

    static SyntaxError of(YamlEngineException e) {
        return new SyntaxError(1, withoutQuotes(String.valueOf(e.getMessage())), VALID);
    }

    /** @param quoted the last scalar in quotes before the error; where one is not closed, the next quote is taken for its end */
    static SyntaxError of(MarkedYamlEngineException e, Optional<ScalarEvent> quoted) {
        int line = line(e.getProblemMark().or(e::getContextMark));
        int begin = line(e.getContextMark().or(e::getProblemMark));
        String context = String.valueOf(e.getContext());
        String problem = String.valueOf(e.getProblem());
        if (context.equals("while scanning a quoted scalar") && problem.startsWith("found unexpected ")) {
            return new SyntaxError(begin, "a quote that begins here is not closed", "another quote");
        }
        if (!context.startsWith("while parsing a ")) {
            return new SyntaxError(line, withoutQuotes(problem), VALID);
        }
        if (quoted.isPresent() && line(quoted.get().getEndMark()) == line) {
            int quote = line(quoted.get().getStartMark());
            if (quote < line) {
                return new SyntaxError(
                        quote,
                        "a quote that begins here ends on line " + line + ", and text follows it",
                        "its end before that");
            }
        }
        return switch (context) {
            case "while parsing a flow sequence" -> unclosed(begin, line, problem, "[", "]");
            case "while parsing a flow mapping" -> unclosed(begin, line, problem, "{", "}");
            default -> new SyntaxError(line, withoutQuotes(problem), VALID);
        };
    }

    private static SyntaxError unclosed(int begin, int line, String problem, String opening, String closing) {
        String unclosed = "a " + opening + " that begins here is not closed";
        return problem.endsWith("<stream end>")
                ? new SyntaxError(begin, unclosed, closing)
                : new SyntaxError(begin, unclosed + ", or lacks a comma, on line " + line, ", or " + closing);
    }

    private static String withoutQuotes(String problem) {
        String shown = problem;
        for (String words : BEFORE_QUOTES) {
            int at = shown.indexOf(words);
            if (at >= 0) {
                shown = shown.substring(0, at) + (words.startsWith(",") ? "" : words.replace(":", ""));
            }
        }
        return switch (shown) {
            case "found character" ->
                problem.contains("(TAB)") ? "a tab as indentation" : "a character that must be quoted";
            case "expected <block end>" ->
                problem.contains("<scalar>")
                        ? "text after the end of a quote"
                        : "an indentation that does not fit the lines before it";
            default -> shown;
        };
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }
}
