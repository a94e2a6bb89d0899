package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Colour;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.TestPipe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnColoursTest {

    @Test
    void theLevelOfALineIsItsColour() {
        // When
        byte[] lines = new LineFormat.Text(new Escaper(false, Colour.ESCAPE), OwnColours.BY_LEVEL)
                .ownLines(List.of(OwnLine.info("a"), OwnLine.warning("b"), OwnLine.error("c")));

        // Then
        assertThat(new String(lines, UTF_8))
                .isEqualTo("\u001b[36msidecar-init: a\u001b[0m\n\u001b[33msidecar-init: b\u001b[0m\n"
                        + "\u001b[31msidecar-init: c\u001b[0m\n");
    }

    @Test
    void coloursNeedATerminalThatShowsThem() {
        assertThat(OwnColours.areWanted(Map.of("TERM", "xterm"))).isTrue();
        assertThat(OwnColours.areWanted(Map.of("TERM", "dumb"))).isFalse();
        assertThat(OwnColours.areWanted(Map.of("TERM", ""))).isFalse();
        assertThat(OwnColours.areWanted(Map.of())).isFalse();
    }

    @Test
    void noColorUnlessItIsEmptySwitchesThemOff() {
        assertThat(OwnColours.areWanted(Map.of("TERM", "xterm", "NO_COLOR", "0")))
                .isFalse();
        assertThat(OwnColours.areWanted(Map.of("TERM", "xterm", "NO_COLOR", "")))
                .isTrue();
    }

    @Test
    void whatIsNoTerminalHasNone() {
        // Given
        TestPipe pipe = new TestPipe();
        int terminal = TestPipe.openForWriting("/dev/ptmx");

        // Then
        assertThat(Descriptors.isTerminal(terminal)).isTrue();
        assertThat(OwnColours.on(pipe.writeEnd)).isEqualTo(OwnColours.NONE);
        assertThat(OwnColours.on(-1)).isEqualTo(OwnColours.NONE);
    }
}
