package dev.claudebottle.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Each event is a CloudEvents 1.0 object. */
class EventJsonTest {

    private static final UUID BOOT = UUID.fromString("11111111-2222-4333-8444-555555555555");

    private final CloudEventFactory factory = new CloudEventFactory(BOOT, "/sidecar-init/bottle-1");
    private final Notifications notifications = new Notifications();

    @Test
    void anEventOfTheBundleHasNoSubject() {
        // Given
        Notification begun = notifications.of(Notification.Type.BUNDLE_STARTED, new Event.Begin());

        // When
        CloudEvent event = factory.make(1, begun, null, List.of());

        // Then
        assertThat(event.json()).isEqualTo("""
                {"specversion":"1.0","id":"11111111-2222-4333-8444-555555555555-1","source":"/sidecar-init/bottle-1",\
                "type":"dev.claudebottle.sidecar.bundle.started","time":"2026-11-22T15:00:00.123Z",\
                "datacontenttype":"application/json","data":{"state":"running","planned":false}}""");
        assertThat(event.subject()).isEmpty();
    }

    @Test
    void anEventOfADaemonHasEveryKey() {
        // Given
        notifications.of(new Event.Begin());
        Notification started = notifications.of(Notification.Type.DAEMON_STARTED, new Event.Started("egress", 12));

        // When / Then
        assertThat(factory.make(1, started, 12, List.of()).json()).isEqualTo("""
                {"specversion":"1.0","id":"11111111-2222-4333-8444-555555555555-1","source":"/sidecar-init/bottle-1",\
                "type":"dev.claudebottle.sidecar.daemon.started","subject":"egress","time":"2026-11-22T15:00:00.123Z",\
                "datacontenttype":"application/json","data":{"state":"starting","pid":12,"code":null,"signal":null,\
                "reason":null,"error":null,"oomKilled":null,"restarts":0,"nextStartInSeconds":null,"gapSeconds":null,"planned":false}}""");
    }

    @Test
    void anExitHasItsStatusAndTheLastLines() {
        // Given
        Notification exited = exited(new ExitStatus.Killed(Signal.KILL, false), true);

        // When / Then
        assertThat(data(exited, 12, List.of("one", "say \"two\" \\x1b é"))).isEqualTo("""
                {"state":"backoff","pid":12,"code":137,"signal":"SIGKILL","reason":"signal","error":null,"oomKilled":true,\
                "restarts":0,"nextStartInSeconds":null,"gapSeconds":null,"planned":false,\
                "output":["one","say \\"two\\" \\\\x1b é"]}""");
    }

    @Test
    void anExitWithoutOutputHasAnEmptyList() {
        assertThat(data(exited(new ExitStatus.Code(3), null), 12, List.of()))
                .contains("\"code\":3,\"signal\":null,\"reason\":\"exit\",\"error\":null,\"oomKilled\":null,")
                .endsWith(",\"output\":[]}");
    }

    @Test
    void aDaemonThatIsNotReadyHasTheCauseAsItsError() {
        // Given
        Notifications probed = new Notifications(Bundle.builder()
                .daemons(List.of(Daemon.builder("egress", "/bin/egress")
                        .readiness(Probe.builder()
                                .target(new Probe.Target.Tcp("127.0.0.1", 1))
                                .build())
                        .build()))
                .build());
        probed.of(new Event.Begin());
        probed.of(new Event.Started("egress", 12));
        probed.of(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.empty()));
        Notification unready = probed.of(
                Notification.Type.DAEMON_UNREADY,
                new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.of("HTTP 502")));

        // When / Then
        assertThat(data(unready, 12, List.of())).isEqualTo("""
                {"state":"starting","pid":12,"code":null,"signal":null,"reason":null,"error":"HTTP 502","oomKilled":null,\
                "restarts":0,"nextStartInSeconds":null,"gapSeconds":null,"planned":false}""");
    }

    @Test
    void aFailureToStartHasItsError() {
        // Given
        notifications.of(new Event.Begin());
        Notification failed = notifications.of(
                Notification.Type.DAEMON_EXITED,
                new Event.StartFailed("egress", 127, "/bin/egress", "No such file or directory"));

        // When / Then
        assertThat(data(failed, null, List.of()))
                .contains(
                        "\"pid\":null,\"code\":127,\"signal\":null,\"reason\":\"start\",\"error\":\"No such file or directory\"");
    }

    @Test
    void aRestartHasItsDelayAndTheLastExit() {
        // Given
        Notification restarting =
                Notifications.restarting(exited(new ExitStatus.Code(1), null), Duration.ofNanos(523_456_789));

        // When / Then
        assertThat(data(restarting, null, List.of())).isEqualTo("""
                {"state":"backoff","pid":null,"code":1,"signal":null,"reason":"exit","error":null,"oomKilled":null,\
                "restarts":0,"nextStartInSeconds":0.523,"gapSeconds":null,"planned":false}""");
    }

    @Test
    void aRecoveryHasTheLengthOfTheGapAndNoLastExit() {
        // Given
        exited(new ExitStatus.Code(1), null);
        Notification recovered = Notifications.recovered(
                Notifications.as(Notification.Type.DAEMON_READY, exited(new ExitStatus.Code(1), null)),
                Duration.ofSeconds(12));

        // When / Then
        assertThat(data(recovered, 13, List.of()))
                .contains("\"code\":null,\"signal\":null,\"reason\":null,")
                .endsWith("\"nextStartInSeconds\":null,\"gapSeconds\":12.0,\"planned\":false}");
    }

    @Test
    void theStateOfAStoppingBundleIsStopping() {
        // Given
        notifications.of(new Event.Begin());
        notifications.of(new Event.Started("egress", 12));
        Notification stopping =
                notifications.of(Notification.Type.BUNDLE_STOPPING, new Event.StopRequested(Signal.TERM));

        // When / Then
        assertThat(data(stopping, null, List.of())).isEqualTo("{\"state\":\"stopping\",\"planned\":false}");
    }

    @Test
    void theIdEndsInTheNumber() {
        // Given
        Notification begun = notifications.of(Notification.Type.BUNDLE_STARTED, new Event.Begin());

        // When
        CloudEvent event = factory.make(12, begun, null, List.of());

        // Then
        assertThat(event.id()).isEqualTo(BOOT + "-12");
        assertThat(event.json()).contains("\"id\":\"" + BOOT + "-12\"");
        assertThat(event.number()).isEqualTo(12);
    }

    private Notification exited(ExitStatus status, Boolean oomKilled) {
        Notifications fresh = new Notifications();
        fresh.of(new Event.Begin());
        fresh.of(new Event.Started("egress", 12));
        return fresh.of(Notification.Type.DAEMON_EXITED, new Event.Exited("egress", status, false, oomKilled));
    }

    private String data(Notification notification, Integer pid, List<String> output) {
        String json = factory.make(1, notification, pid, output).json();
        return json.substring(json.indexOf("\"data\":") + "\"data\":".length(), json.length() - 1);
    }
}
