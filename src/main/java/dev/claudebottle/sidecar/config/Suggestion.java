package dev.claudebottle.sidecar.config;

import java.util.Collection;
import java.util.Locale;

/** Which known word was meant. */
public final class Suggestion {

    /** No word of ours is longer, and the distance takes the product of two lengths. */
    private static final int LONGEST = 40;

    /** Among more words than these, a search would delay all other errors. */
    private static final int MOST_KNOWN = 1000;

    private Suggestion() {}

    /** {@code " (did you mean command?)"}; empty when no word is close. */
    public static String of(String given, Collection<String> known) {
        if (given.length() > LONGEST || known.size() > MOST_KNOWN) {
            return "";
        }
        String closest = "";
        int least = Integer.MAX_VALUE;
        for (String word : known) {
            int most = word.length() < 8 ? 1 : 2;
            if (Math.abs(given.length() - word.length()) > most) {
                continue;
            }
            int distance = distance(given.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (distance <= most && distance < Math.min(least, word.length())) {
                closest = word;
                least = distance;
            }
        }
        return closest.isEmpty() ? "" : " (did you mean " + closest + "?)";
    }

    /** How many letters are missing, too many, wrong or exchanged with their neighbours (optimal string alignment). */
    private static int distance(String one, String other) {
        int[][] distances = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                distances[i][j] = i == 0 || j == 0 ? i + j : distance(distances, one, other, i, j);
            }
        }
        return distances[one.length()][other.length()];
    }

    private static int distance(int[][] distances, String one, String other, int i, int j) {
        int wrong = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        int least = Math.min(distances[i - 1][j - 1] + wrong, 1 + Math.min(distances[i - 1][j], distances[i][j - 1]));
        boolean exchanged =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return exchanged ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
    }
}
