package dev.claudebottle.sidecar.bundle;

import java.util.Locale;

/** An enum constant that configuration and {@code /status} spell as a word: {@code KEEP_TRYING} is {@code keep-trying}. */
public interface Word {

    /** The constant's name in Java. */
    String name();

    default String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
