package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What errors repeat of a file or a variable. */
class PrintableTest {

    @Test
    void upToTwoHundredCharactersAreShownWhole() {
        assertThat(Printable.quoted("x".repeat(200))).isEqualTo('"' + "x".repeat(200) + '"');
    }

    @Test
    void ofALongerTextTheFirstTwoHundredCharactersAreShown() {
        assertThat(Printable.quoted("x".repeat(200) + "y")).isEqualTo('"' + "x".repeat(200) + "…\"");
    }

    @Test
    void noSurrogatePairIsCutInHalf() {
        assertThat(Printable.cut("x".repeat(199) + "😀y")).isEqualTo("x".repeat(199) + "…");
        assertThat(Printable.cut("x".repeat(198) + "😀y")).isEqualTo("x".repeat(198) + "😀…");
    }
}
