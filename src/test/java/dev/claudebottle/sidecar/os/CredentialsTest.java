package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {

    private static final String ALL = "000001ffffffffff";
    private static final String NONE = "0000000000000000";
    private static final String ONLY_SETUID = "0000000000000080";
    private static final String ONLY_SETGID = "0000000000000040";
    private static final User NOBODY = user(65534, 65534);

    private static User user(int uid, int gid, Integer... groups) {
        return new User(uid, gid, List.of(groups), Map.of());
    }

    private static Credentials credentials(int uid, int gid, String groups, String capabilities) {
        return Credentials.parse("""
                Name:	java
                Uid:	%1$d	%1$d	%1$d	%1$d
                Gid:	%2$d	%2$d	%2$d	%2$d
                Groups:	%3$s\s
                CapPrm:	000001ffffffffff
                CapEff:	%4$s
                """.formatted(uid, gid, groups, capabilities), true);
    }

    @ParameterizedTest
    @CsvSource({ONLY_SETGID + ", SETUID", NONE + ", SETUID", ONLY_SETUID + ", SETGID"})
    void rootWithoutACapabilityCannotBecomeAnother(String capabilities, String lacking) {
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> credentials(0, 0, "0", capabilities).checkMayBecome(NOBODY, "nobody"))
                .withMessage("user nobody: we lack the capability " + lacking)
                .matches(failure -> failure.code() == 126);
    }

    @Test
    void rootWithBothCapabilitiesMayBecomeAnother() {
        assertThatCode(() -> credentials(0, 0, "0", "00000000000000c0").checkMayBecome(NOBODY, "nobody"))
                .doesNotThrowAnyException();
        assertThatCode(() -> credentials(0, 0, "0", ALL).checkMayBecome(NOBODY, "nobody"))
                .doesNotThrowAnyException();
    }

    @Test
    void aNamespaceThatForbidsSetgroupsIsNamed() {
        // Given
        Credentials root = credentials(0, 0, "", ALL);
        Credentials mapped =
                new Credentials(root.uids(), root.gids(), root.groups(), root.maySetUid(), root.maySetGid(), false);

        // When / Then
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> mapped.checkMayBecome(NOBODY, "nobody"))
                .withMessage("user nobody: our user namespace forbids setgroups");
    }

    @Test
    void nobodyElseMayBecomeAnother() {
        assertThatExceptionOfType(CannotStartException.class)
                .isThrownBy(() -> credentials(1000, 1000, "", NONE).checkMayBecome(NOBODY, "nobody"))
                .withMessage("user nobody: only root can run it as another user");
    }

    @Test
    void ourOwnUidAndGidAreUsWhateverTheGroupsThatWeCannotChange() {
        assertThat(credentials(1000, 1000, "", NONE).are(user(1000, 1000, 1000, 27)))
                .isTrue();
        assertThat(credentials(1000, 1000, "27 1000", NONE).are(user(1000, 1000)))
                .isTrue();
        assertThat(credentials(1000, 1000, "", NONE).are(user(1000, 1001))).isFalse();
        assertThat(credentials(1000, 1000, "", NONE).are(user(1001, 1000))).isFalse();
    }

    @Test
    void groupsThatWeCanChangeMustBeTheSame() {
        assertThat(credentials(0, 0, "0", ALL).are(user(0, 0))).isTrue();
        assertThat(credentials(0, 0, "", ALL).are(user(0, 0, 0))).isTrue();
        assertThat(credentials(0, 0, "0 27", ALL).are(user(0, 0, 27, 0))).isTrue();
        assertThat(credentials(0, 0, "0 27", ALL).are(user(0, 0, 0))).isFalse();
    }

    @Test
    void aRealUidThatIsNotTheEffectiveOneIsNotUs() {
        // Given
        Credentials setuid = Credentials.parse(
                "Name:\tjava\nUid:\t1000\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\nCapEff:\t" + ALL + "\n", true);

        // Then
        assertThat(setuid.are(user(0, 0))).isFalse();
        assertThat(setuid.are(user(1000, 0))).isFalse();
    }

    @Test
    void uidsAreUnsigned() {
        // Given
        Credentials highest = Credentials.parse(
                "Name:\tjava\nUid:\t4294967294\t4294967294\t0\t0\nGid:\t7\t7\t7\t7\nGroups:\t\nCapEff:\t" + NONE + "\n",
                true);

        // Then
        assertThat(highest.are(user(-2, 7))).isTrue();
    }
}
