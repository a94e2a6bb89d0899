package dev.claudebottle.sidecar.http;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseEncoder;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Puts a {@link ClientConnection} into every connection that the web server accepts, before its first byte is read (decision 0014), and
 * closes those that come over {@link OtherNetworks}. Netty makes one of these, as {@code META-INF/services} and {@link #ENABLED} tell it to, because neither Quarkus nor Vert.x offers a hook there.
 */
public final class ConnectionLimits extends ChannelInitializerExtension {

    /** The value of {@link #EXTENSIONS_SYSTEM_PROPERTY} with which Netty looks for extensions. */
    static final String ENABLED = "serviceload";

    /** A client must not be able to use up the memory or the descriptors that the guards need. */
    private static final int MAX_CONNECTIONS = 128;

    /** Less where there are few descriptors. */
    private static volatile int limit = MAX_CONNECTIONS;

    // longest idle first; only the event loop uses these: there is one. A crowd at the health address closes only
    // connections of that.
    private final Set<ClientConnection> ofHealth = new LinkedHashSet<>();
    private final Set<ClientConnection> others = new LinkedHashSet<>();

    /** Counted down once the latest connection is in its set, and another closed for it. Used by the thread that accepts. */
    private CountDownLatch latest = new CountDownLatch(0);

    /** @param descriptors how many the connections to one address may have, together */
    static void setDescriptors(int descriptors) {
        limit = Math.clamp(descriptors, 1, MAX_CONNECTIONS);
    }

    /** Netty accepts 16 in a row otherwise, before the first is closed for the last. */
    @Override
    public void postInitializeServerListenerChannel(ServerChannel listener) {
        listener.config().setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(1));
    }

    /**
     * Runs on the thread that accepts, before Vert.x sets the connection's pipeline up. In a flood that thread would leave the event loop, which
     * closes connections, behind, and take every descriptor. So it waits.
     */
    @Override
    public void postInitializeServerChildChannel(Channel accepted) {
        awaitLatest();
        CountDownLatch counted = new CountDownLatch(1);
        latest = counted;
        accepted.pipeline().addLast(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                try {
                    limit(channel);
                } finally {
                    // in the event loop's next round: before it, the JDK keeps the descriptor of what has been closed
                    channel.eventLoop().schedule(counted::countDown, 0, TimeUnit.NANOSECONDS);
                }
            }
        });
    }

    private void awaitLatest() {
        try {
            // a connection that can't be registered is never counted
            latest.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void limit(Channel channel) {
        if (isOfHealth(channel)) {
            install(channel.pipeline(), true);
        } else if (OtherNetworks.include(channel)) {
            channel.close();
        } else {
            install(channel.pipeline(), false);
        }
    }

    private static boolean isOfHealth(Channel channel) {
        InetSocketAddress ours = (InetSocketAddress) channel.localAddress();
        return HealthListener.accepted(ours.getAddress().getHostAddress(), ours.getPort());
    }

    /** Runs on the event loop, after Vert.x has set the pipeline up. */
    void install(ChannelPipeline pipeline, boolean isOfHealth) {
        // next to the codec: sees whole requests and answers, and closing from there does not wait for Vert.x to write
        String encoder = pipeline.context(HttpResponseEncoder.class).name();
        pipeline.addAfter(encoder, null, new ClientConnection(isOfHealth ? ofHealth : others, limit));
    }
}
