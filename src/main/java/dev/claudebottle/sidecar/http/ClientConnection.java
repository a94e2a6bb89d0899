package dev.claudebottle.sidecar.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What a client may do with its connection (decision 0014). A connection is closed for a new one when there are too many, when a request takes too
 * long to arrive, when its client does not take an answer, and when it sends a request before the one before it is answered. Nothing of this is
 * logged. For the event loop.
 */
final class ClientConnection extends ChannelDuplexHandler {

    /** From the connection's opening, or from a request's first byte, to the request's end, however many bytes arrive meanwhile. */
    static final Duration REQUEST_TIME = Duration.ofSeconds(2);

    /** How long the write queue may be full: an event stream's heartbeat. */
    static final Duration UNREAD_TIME = Duration.ofSeconds(15);

    private final Set<ClientConnection> longestIdleFirst;
    private final int limit;

    private ChannelHandlerContext context;

    /** Runs while a request arrives; null at other times. */
    private Future<?> requestTimeout;

    /** Runs while the write queue is full; null at other times. */
    private Future<?> unreadTimeout;

    /** Whether a request is being answered, as it always is on an event stream. */
    private boolean answering;

    /** Whether the bytes that have just been read were the end of something. */
    private boolean decoded;

    /** Messages that wait in the write queue. */
    private int unwritten;

    private boolean closed;

    /** @param longestIdleFirst all connections; idle since their opening, their latest request, or the latest write that the kernel took */
    ClientConnection(Set<ClientConnection> longestIdleFirst, int limit) {
        this.longestIdleFirst = longestIdleFirst;
        this.limit = limit;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        if (longestIdleFirst.size() >= limit) {
            longestIdle().close();
        }
        longestIdleFirst.add(this);
        requestTimeout = closeAfter(REQUEST_TIME);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        end();
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        decoded = true;
        if (message instanceof HttpRequest && !closed) {
            begin();
        }
        if (closed) {
            // Vert.x can't make sense of the rest
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof LastHttpContent) {
            requestTimeout = cancel(requestTimeout);
            used();
        }
        reading.fireChannelRead(message);
    }

    /** Vert.x keeps requests that wait for their turn, and answers that nobody takes, without any bound. */
    private void begin() {
        if (answering || !context.channel().isWritable()) {
            close();
            return;
        }
        answering = true;
        if (requestTimeout == null) {
            requestTimeout = closeAfter(REQUEST_TIME);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reading) {
        boolean partial = !decoded && !answering;
        decoded = false;
        if (partial && requestTimeout == null && !closed) {
            requestTimeout = closeAfter(REQUEST_TIME);
        }
        reading.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext writing, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent) {
            answering = false;
        }
        unwritten++;
        writing.write(message, promise.unvoid()).addListener((ChannelFuture written) -> {
            unwritten--;
            if (written.isSuccess()) {
                used();
            }
        });
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        unreadTimeout = cancel(unreadTimeout);
        if (!changed.channel().isWritable() && !closed) {
            unreadTimeout = closeAfter(UNREAD_TIME);
        }
        changed.fireChannelWritabilityChanged();
    }

    /** One that answers nothing, if there is any: a crowd that asks for nothing does not end an event stream. */
    private ClientConnection longestIdle() {
        return longestIdleFirst.stream()
                .filter(other -> !other.answering)
                .findFirst()
                .orElseGet(longestIdleFirst.iterator()::next);
    }

    private void used() {
        if (longestIdleFirst.remove(this)) {
            longestIdleFirst.add(this);
        }
    }

    private Future<?> closeAfter(Duration time) {
        return context.executor().schedule((Runnable) this::close, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Future<?> cancel(Future<?> timeout) {
        if (timeout != null) {
            timeout.cancel(false);
        }
        return null;
    }

    private void close() {
        end();
        if (unwritten > 0) {
            // the kernel would hold what its client does not read for minutes more
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        context.close();
    }

    private void end() {
        closed = true;
        longestIdleFirst.remove(this);
        requestTimeout = cancel(requestTimeout);
        unreadTimeout = cancel(unreadTimeout);
    }
}
