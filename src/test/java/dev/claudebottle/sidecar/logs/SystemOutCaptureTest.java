package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SystemOutCaptureTest {

    @Test
    void whatALibraryPrintsIsLoggedLineByLine() {
        // When
        List<OwnLine> lines = captured(() -> {
            System.out.print("half ");
            System.err.println("all of \u00e9");
            System.out.printf("a line%nnext%n");
            System.out.println();
        });

        // Then
        assertThat(lines)
                .containsExactly(
                        OwnLine.error("all of \u00e9"),
                        OwnLine.info("half a line"),
                        OwnLine.info("next"),
                        OwnLine.info(""));
    }

    @Test
    void aRecordOfALogHasItsLevelInEachOfItsLines() {
        // When
        List<OwnLine> lines = captured(() -> {
            System.out.println("WARN  [Bar] odd: java.lang.Error: x");
            System.out.println("\tat a.B.c(B.java:1)");
            System.out.println("ERROR [Foo] bad");
            System.out.println("INFO  [Foo] good");
            System.err.println("WARNING: a restricted method has been called");
        });

        // Then
        assertThat(lines)
                .extracting(OwnLine::level)
                .containsExactly(
                        OwnLine.Level.WARNING,
                        OwnLine.Level.WARNING,
                        OwnLine.Level.ERROR,
                        OwnLine.Level.INFO,
                        OwnLine.Level.WARNING);
    }

    private static List<OwnLine> captured(Runnable printing) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        List<OwnLine> lines = new ArrayList<>();
        try {
            SystemOutCapture.capture(lines::add);
            printing.run();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return lines;
    }
}
