package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.os.Descriptors;

/** A terminal whose content is drawn again in place. What was there last stays when the program ends. */
final class Screen {

    private static final String ESC = "\u001b[";
    private static final String HOME = ESC + "H";

    /** Before the first drawing. */
    static final String CLEAR = ESC + "2J" + HOME;

    private Screen() {}

    /** Whether stdout is a terminal that knows these sequences. */
    static boolean isPossible() {
        return Descriptors.isTerminal(Descriptors.STDOUT) && !"dumb".equals(System.getenv("TERM"));
    }

    /** Each line overwrites the one that was there, so that nothing flickers. */
    static String redraw(String lines) {
        return HOME + lines.replace("\n", ESC + "K\n") + ESC + "J";
    }
}
