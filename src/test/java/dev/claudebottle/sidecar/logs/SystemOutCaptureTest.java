package dev.claudebottle.sidecar.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SystemOutCaptureTest {

    @Test
    void whatALibraryPrintsIsLoggedLineByLine() {
        // Given
        PrintStream out = System.out;
        PrintStream err = System.err;
        List<String> lines = new ArrayList<>();
        try {
            SystemOutCapture.capture(lines::add);

            // When
            System.out.print("half ");
            System.err.println("all of \u00e9");
            System.out.printf("a line%nnext%n");
            System.out.println();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }

        // Then
        assertThat(lines).containsExactly("all of \u00e9", "half a line", "next", "");
    }
}
