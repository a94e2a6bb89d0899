package dev.claudebottle.sidecar.events;

import java.util.List;

/**
 * Which of a daemon's last lines its event carries: the newest whose JSON takes at most 16 KiB. Escaping makes a line up to
 * five times as long as the daemon's bytes were.
 */
final class OutputLimit {

    /** Of the whole JSON array, in UTF-8. */
    static final int MAX_BYTES = 16 * 1024;

    private static final int BRACKETS = 2;
    private static final int QUOTES_AND_COMMA = 3;

    /** The lengths of {@code \x1b} and {@code \u202e}. */
    private static final int BYTE_ESCAPE = 4;

    private static final int CHARACTER_ESCAPE = 6;

    private OutputLimit() {}

    /** The newest lines; of a last line that is too long by itself, its end. */
    static List<String> newest(List<String> lines) {
        int left = MAX_BYTES - BRACKETS;
        int first = lines.size();
        while (first > 0) {
            int size = QUOTES_AND_COMMA + jsonSize(lines.get(first - 1));
            if (size > left) {
                break;
            }
            left -= size;
            first--;
        }
        boolean lastIsTooLong = first > 0 && first == lines.size();
        return lastIsTooLong
                ? List.of(end(lines.getLast(), left - QUOTES_AND_COMMA))
                : lines.subList(first, lines.size());
    }

    /** The end of the line that takes at most so many bytes of JSON and begins with a whole character or escape. */
    private static String end(String line, int bytes) {
        int left = bytes;
        int start = line.length();
        while (start > 0) {
            int character = line.codePointBefore(start);
            left -= jsonSize(character);
            if (left < 0) {
                break;
            }
            start -= Character.charCount(character);
        }
        return line.substring(afterEscape(line, start));
    }

    private static int jsonSize(String line) {
        return line.codePoints().map(OutputLimit::jsonSize).sum();
    }

    /** A character's bytes in a JSON string, as Jackson writes it. */
    private static int jsonSize(int character) {
        return switch (character) {
            case '"', '\\', '\b', '\t', '\n', '\f', '\r' -> 2;
            default -> character < ' ' ? CHARACTER_ESCAPE : utf8Size(character);
        };
    }

    private static int utf8Size(int character) {
        if (character < 0x80) {
            return 1;
        }
        if (character < 0x800) {
            return 2;
        }
        return character < 0x10000 ? 3 : 4;
    }

    /** The index itself, or that of the end of the escape that it is inside of. */
    private static int afterEscape(String line, int index) {
        int escape = line.lastIndexOf('\\', index - 1);
        if (escape < 0) {
            return index;
        }
        int length = line.startsWith("\\x", escape) ? BYTE_ESCAPE : CHARACTER_ESCAPE;
        boolean isEscape = (length == BYTE_ESCAPE || line.startsWith("\\u", escape))
                && escape + length <= line.length()
                && line.substring(escape + 2, escape + length)
                        .chars()
                        .allMatch(digit -> Character.digit(digit, 16) >= 0);
        return isEscape ? Math.max(index, escape + length) : index;
    }
}
