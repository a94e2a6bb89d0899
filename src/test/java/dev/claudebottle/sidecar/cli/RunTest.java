package dev.claudebottle.sidecar.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.claudebottle.sidecar.supervisor.SupervisorView;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class RunTest {

    @Test
    void theCommandBeanReturnsTheSupervisorsExitCode() {
        Run run = new Run();
        run.supervisor = supervisor(() -> 143);

        assertThat(run.run()).isEqualTo(143);
    }

    @Test
    void theCommandBeanStaysWhenItCannotWaitForTheSupervisor() {
        // Given
        Run run = new Run();
        run.supervisor = supervisor(() -> {
            throw new IllegalStateException("broken");
        });

        // When
        Thread quarkus = Thread.ofPlatform().daemon().start(run::run);

        // Then: were it to return, Quarkus would stop the web server
        await().until(() -> Arrays.stream(quarkus.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("waitForExit")));
    }

    private static SupervisorView supervisor(Callable<Integer> end) {
        return (SupervisorView) Proxy.newProxyInstance(
                RunTest.class.getClassLoader(), new Class<?>[] {SupervisorView.class}, (_, method, _) -> {
                    assertThat(method.getName()).isEqualTo("awaitEnd");
                    return end.call();
                });
    }
}
