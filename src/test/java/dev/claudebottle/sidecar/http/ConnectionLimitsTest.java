package dev.claudebottle.sidecar.http;

import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules for connections, on channels without sockets whose clock stands still. */
class ConnectionLimitsTest {

    private static final String REQUEST = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /** More than a write queue takes. */
    private static final int MUCH = 100_000;

    private final ConnectionLimits limits = new ConnectionLimits();

    @Test
    void theLongestIdleConnectionIsClosedForANewOne() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        // When
        EmbeddedChannel added = open();
        // Then
        assertThat(added.isOpen()).isTrue();
        assertThat(closed(crowd)).containsExactly(crowd.getFirst());
    }

    @Test
    void aCompleteRequestEndsIdleness() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        // When
        receive(crowd.getFirst(), REQUEST);
        answer(crowd.getFirst());
        open();
        // Then
        assertThat(closed(crowd)).containsExactly(crowd.get(1));
    }

    @Test
    void bytesOfAnIncompleteRequestDoNot() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        // When
        receive(crowd.getFirst(), "GET /");
        receive(crowd.getFirst(), "status HTTP/1.1\r\n");
        open();
        // Then
        assertThat(closed(crowd)).containsExactly(crowd.getFirst());
    }

    @Test
    void aWriteThatHasBeenTakenEndsIdleness() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        crowd.forEach(channel -> receive(channel, REQUEST));
        // When
        crowd.getFirst().writeOutbound(new DefaultHttpResponse(HTTP_1_1, OK));
        open();
        // Then
        assertThat(closed(crowd)).containsExactly(crowd.get(1));
    }

    @Test
    void oneThatIsBeingAnsweredStays() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        receive(crowd.getFirst(), REQUEST);
        crowd.stream().skip(2).forEach(channel -> receive(channel, REQUEST));
        crowd.stream().skip(2).forEach(ConnectionLimitsTest::answer);
        // When
        open();
        open();
        // Then
        assertThat(closed(crowd)).containsExactly(crowd.get(1), crowd.get(2));
    }

    @Test
    void whenAllAreBeingAnsweredTheLongestIdleOneGoes() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        crowd.forEach(channel -> receive(channel, REQUEST));
        // When
        open();
        // Then
        assertThat(closed(crowd)).containsExactly(crowd.getFirst());
    }

    @Test
    void aConnectionThatEndsByItselfMakesRoom() {
        // Given
        List<EmbeddedChannel> crowd = crowd();
        // When
        crowd.getLast().close();
        open();
        // Then
        assertThat(closed(crowd)).containsExactly(crowd.getLast());
    }

    @Test
    void aCrowdAtTheHealthAddressClosesOnlyItsOwn() {
        // Given
        List<EmbeddedChannel> others = crowd();
        // When
        List<EmbeddedChannel> crowd =
                Stream.generate(() -> open(true)).limit(128).toList();
        EmbeddedChannel probe = open(true);
        // Then
        assertThat(closed(others)).isEmpty();
        assertThat(closed(crowd)).containsExactly(crowd.getFirst());
        assertThat(probe.isOpen()).isTrue();
    }

    @Test
    void aCrowdElsewhereClosesNoneAtTheHealthAddress() {
        // Given
        EmbeddedChannel probe = open(true);
        // When
        crowd();
        open();
        // Then
        assertThat(probe.isOpen()).isTrue();
    }

    @Test
    void aRequestHasTwoSecondsFromTheOpeningHoweverManyBytesCome() {
        // Given
        EmbeddedChannel channel = open();
        // When / Then
        for (int i = 0; i < 20; i++) {
            assertThat(channel.isOpen()).isTrue();
            receive(channel, "x");
            pass(channel, 100);
        }
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aSilentConnectionHasThemToo() {
        // Given
        EmbeddedChannel channel = open();
        // When / Then
        pass(channel, 1999);
        assertThat(channel.isOpen()).isTrue();
        pass(channel, 1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aConnectionMayBeKeptAliveAfterACompleteRequest() {
        // Given
        EmbeddedChannel channel = open();
        pass(channel, 1999);
        // When
        receive(channel, REQUEST);
        answer(channel);
        pass(channel, 10_000);
        // Then
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aFurtherRequestHasTwoSecondsFromItsFirstByte() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        answer(channel);
        pass(channel, 10_000);
        // When / Then
        receive(channel, "G");
        pass(channel, 1999);
        receive(channel, "E");
        assertThat(channel.isOpen()).isTrue();
        pass(channel, 1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void theBodyIsPartOfTheRequest() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        answer(channel);
        // When
        receive(channel, "GET / HTTP/1.1\r\nContent-Length: 100\r\n\r\n");
        answer(channel);
        pass(channel, 1000);
        receive(channel, "x");
        pass(channel, 1000);
        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void strayBytesDoNotEndAnAnswerThatGoesOn() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        // When
        receive(channel, "\r\n");
        pass(channel, 10_000);
        // Then
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aRequestBehindOneThatIsNotAnsweredEndsTheConnectionAndGoesNoFurther() {
        // Given
        EmbeddedChannel channel = open();
        // When
        receive(channel, REQUEST + REQUEST + REQUEST);
        // Then
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.inboundMessages().stream().filter(HttpRequest.class::isInstance))
                .hasSize(1);
    }

    @Test
    void aRequestBehindAnswersThatFillTheWriteQueueEndsTheConnection() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        channel.write(new DefaultFullHttpResponse(HTTP_1_1, OK, Unpooled.wrappedBuffer(new byte[MUCH])));
        // When
        receive(channel, REQUEST);
        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anAnswerThatNobodyReadsEndsAfterFifteenSeconds() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        channel.write(new DefaultHttpResponse(HTTP_1_1, OK));
        channel.write(content(MUCH));
        // When / Then
        pass(channel, 14_999);
        assertThat(channel.isOpen()).isTrue();
        pass(channel, 1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anAnswerThatIsReadInPiecesGoesOn() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        channel.write(new DefaultHttpResponse(HTTP_1_1, OK));
        channel.write(content(MUCH));
        // When
        pass(channel, 14_999);
        channel.flush();
        channel.write(content(MUCH));
        pass(channel, 14_999);
        // Then
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aClosedConnectionLeavesNoTimer() {
        // Given
        EmbeddedChannel channel = open();
        receive(channel, REQUEST);
        channel.write(new DefaultHttpResponse(HTTP_1_1, OK));
        channel.write(content(MUCH));
        // When
        channel.close();
        // Then
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }

    private List<EmbeddedChannel> crowd() {
        return Stream.generate(this::open).limit(128).toList();
    }

    private EmbeddedChannel open() {
        return open(false);
    }

    private EmbeddedChannel open(boolean health) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline().addLast(new HttpRequestDecoder(), new HttpResponseEncoder());
        limits.install(channel.pipeline(), health);
        return channel;
    }

    private static void receive(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, US_ASCII));
    }

    private static void answer(EmbeddedChannel channel) {
        channel.writeOutbound(new DefaultFullHttpResponse(HTTP_1_1, OK));
    }

    private static DefaultHttpContent content(int size) {
        return new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[size]));
    }

    private static void pass(EmbeddedChannel channel, long millis) {
        channel.advanceTimeBy(millis, MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    private static List<EmbeddedChannel> closed(List<EmbeddedChannel> crowd) {
        return crowd.stream().filter(channel -> !channel.isOpen()).toList();
    }
}
