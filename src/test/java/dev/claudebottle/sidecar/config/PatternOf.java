package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the reader checks by code, as regular expressions and lists of words. */
final class PatternOf {

    static final String PORT = number(1, HttpAddress.HIGHEST_PORT);

    static final String ID = number(0, UserType.HIGHEST_ID);

    static final String LINE_SIZE = "^("
            + number(ScalarType.SHORTEST_LINE, ScalarType.LONGEST_LINE) + "B|"
            + number(1, ScalarType.LONGEST_LINE >> 10) + "KiB|"
            + number(1, ScalarType.LONGEST_LINE >> 20) + "MiB)$";

    static final List<String> SIGNALS = IntStream.rangeClosed(1, Signal.MAX)
            .mapToObj(number -> new Signal(number).toString())
            .flatMap(name -> Stream.of(name, name.substring("SIG".length())))
            .filter(name -> Signal.parse(name).isPresent())
            .toList();

    private PatternOf() {}

    /** As {@link java.net.URI} reads one. */
    static String url(List<String> schemes) {
        String label = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";
        String lastLabel = "[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?";
        String host = String.join(
                "|",
                label,
                "(" + label + "\\.)*" + lastLabel + "\\.?",
                "[0-9]{1,3}(\\.[0-9]{1,3}){3}",
                "\\[[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?\\]");
        return "^(" + String.join("|", schemes) + ")://"
                + "(" + urlCharacters("/?#@\\[\\]") + "@)?"
                + "(" + host + ")(:(" + PORT + ")?)?"
                + "(/" + urlCharacters("?#\\[\\]") + ")?"
                + "(\\?" + urlCharacters("#") + ")?"
                + "(#" + urlCharacters("#") + ")?$";
    }

    private static String urlCharacters(String butThese) {
        return "([^\\x00-\\x20\\x7f-\\xa0\"%<>\\\\^`{|}" + butThese + "]|%[0-9A-Fa-f]{2})*";
    }

    /** A whole number from {@code least} to {@code most}, with any zeros in front. */
    static String number(long least, long most) {
        List<String> alternatives = new ArrayList<>();
        if (least == 0) {
            alternatives.add("0");
        }
        long first = Math.max(least, 1);
        while (first <= most) {
            int digits = Long.toString(first).length();
            long last = Long.parseLong("9".repeat(digits));
            if (first == (last + 1) / 10) {
                int more = digits;
                while (last * 10 + 9 <= most) {
                    last = last * 10 + 9;
                    more++;
                }
                if (last <= most) {
                    alternatives.add("[1-9]" + digitsOfAnyValue(digits - 1, more - 1));
                    first = last + 1;
                    continue;
                }
            }
            last = Math.min(most, last);
            alternatives.addAll(between(Long.toString(first), Long.toString(last)));
            first = last + 1;
        }
        return "0*(" + String.join("|", alternatives) + ")";
    }

    /** For two numbers with the same count of digits. */
    private static List<String> between(String first, String last) {
        int rest = first.length() - 1;
        String zeros = "0".repeat(rest);
        String nines = "9".repeat(rest);
        char low = first.charAt(0);
        char high = last.charAt(0);
        String firstRest = first.substring(1);
        String lastRest = last.substring(1);
        if (low == high && !(firstRest.equals(zeros) && lastRest.equals(nines))) {
            return between(firstRest, lastRest).stream().map(text -> low + text).toList();
        }
        List<String> alternatives = new ArrayList<>();
        boolean lowIsWhole = firstRest.equals(zeros);
        boolean highIsWhole = lastRest.equals(nines);
        if (!lowIsWhole) {
            between(firstRest, nines).forEach(text -> alternatives.add(low + text));
        }
        char firstWhole = (char) (lowIsWhole ? low : low + 1);
        char lastWhole = (char) (highIsWhole ? high : high - 1);
        if (firstWhole <= lastWhole) {
            alternatives.add(digit(firstWhole, lastWhole) + digitsOfAnyValue(rest, rest));
        }
        if (!highIsWhole) {
            between(zeros, lastRest).forEach(text -> alternatives.add(high + text));
        }
        return alternatives;
    }

    private static String digitsOfAnyValue(int least, int most) {
        String digit = "[0-9]";
        return least == most
                ? least == 0 ? "" : least == 1 ? digit : digit + "{" + least + "}"
                : digit + "{" + least + "," + most + "}";
    }

    private static String digit(char low, char high) {
        return low == high ? String.valueOf(low) : "[" + low + "-" + high + "]";
    }
}
