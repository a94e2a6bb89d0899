package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.events.HostName;
import io.netty.util.NetUtil;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Refuses requests for other hosts. The owner of any domain can let its name lead to our address, and a browser then takes a page of that
 * domain for ours, and lets it read what we answer (DNS rebinding). An address can't be taken over like that, and neither can our names.
 * The health address has nothing to hide: there only the path counts.
 */
@Singleton
class HostFilter {

    /** Above {@link ReadOnlyFilter}, for every path of this listener. */
    private static final int FIRST = 10_001;

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int MISDIRECTED = 421;
    private static final String ADVICE = "cannot answer for this host: expected an address, localhost, the name of this"
            + " machine or that in QUARKUS_HTTP_HOST; ask for http://127.0.0.1 or set the header Host to such a name\n";

    /** The name that the web server's address has been looked up from, or that address. */
    private static volatile String configured = "localhost";

    /** The container's name; null until a request needs it. Used by the event loop alone. */
    private String machine;

    /** @param host what QUARKUS_HTTP_HOST says */
    static void setConfigured(String host) {
        configured = host;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, FIRST);
    }

    private void check(RoutingContext context) {
        SocketAddress ours = context.request().localAddress();
        if (!HealthListener.accepted(ours.hostAddress(), ours.port())) {
            checkHost(context);
        } else if (HealthListener.serves(context.request().uri())) {
            context.next();
        } else {
            context.response().setStatusCode(NOT_FOUND).end();
        }
    }

    private void checkHost(RoutingContext context) {
        HttpServerRequest request = context.request();
        List<String> hosts = request.headers().getAll(HttpHeaders.HOST);
        if (hosts.isEmpty() && request.version() == HttpVersion.HTTP_1_0) {
            // no browser
            context.next();
            return;
        }
        HostAndPort host = hosts.size() == 1 ? HostAndPort.parseAuthority(hosts.getFirst(), -1) : null;
        HostAndPort target = target(request.uri(), host);
        if (host == null || target == null) {
            context.response().setStatusCode(BAD_REQUEST).end();
        } else if (isOurs(host.host()) && isOurs(target.host())) {
            context.next();
        } else {
            Responses.send(context, MISDIRECTED, ADVICE);
        }
    }

    /** The authority in an absolute URI, for which proxies are asked; {@code host} when there is none, null when it is malformed. */
    private static HostAndPort target(String uri, HostAndPort host) {
        int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
        if (scheme < 0) {
            return host;
        }
        String authority = uri.substring(scheme + "://".length()).split("[/?#]", 2)[0];
        return HostAndPort.parseAuthority(authority, -1);
    }

    private boolean isOurs(String host) {
        if (isAddress(host)) {
            return true;
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.equalsIgnoreCase("localhost")
                || name.equalsIgnoreCase(configured)
                || name.equalsIgnoreCase(machine());
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[") ? NetUtil.isValidIpV6Address(host) : NetUtil.isValidIpV4Address(host);
    }

    private String machine() {
        if (machine == null) {
            machine = HostName.get();
        }
        return machine;
    }
}
