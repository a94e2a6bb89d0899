package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestartRequestTest {

    private static final BundleState STATE = BundleState.initial(BuiltInBundle.get(), 0);

    @Test
    void isOverAtItsDeadlineAlsoWhenTheSupervisorHasNotDecidedOnIt() {
        // Given
        RestartRequest request = new RestartRequest("egress", 0);
        long deadline = request.deadline(STATE);

        // When
        Optional<RestartRequest.Answer> before = request.answer(STATE, deadline - 1);
        Optional<RestartRequest.Answer> after = request.answer(STATE, deadline);

        // Then
        assertThat(before).isEmpty();
        assertThat(after).map(RestartRequest.Answer::code).contains(RestartRequest.Answer.FAILED);
    }
}
