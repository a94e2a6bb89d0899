package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Optional;

/**
 * Passes when a GET is answered with a status of 200 to 399. It uses {@link HttpURLConnection}, which closes the connection
 * after each answer and which, on a virtual thread, an interrupt ends. The newer HttpClient keeps the connection open,
 * which occupies a single-threaded server, and has a thread that wakes up every three seconds.
 */
record HttpCheck(Probe.Target.Http target) implements ProbeCheck {

    static {
        // without this, a server that ignores "Connection: close" makes the JDK start its keep-alive thread
        System.setProperty("http.keepAlive", "false");
    }

    /** {@link HttpURLConnection#getResponseCode} of an answer that is not HTTP. */
    private static final int NO_HTTP = -1;

    private static final int MIN_FAILURE = 400;
    private static final int MIN_SUCCESS = 200;
    private static final int HTTP_PORT = 80;

    /** How much of the body is read, so that most servers can complete their answer. */
    private static final int MAX_BODY = 10 * 1024;

    @Override
    public Optional<String> check() throws IOException, InterruptedException {
        HttpURLConnection connection = open();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("User-Agent", "sidecar-init");
        try {
            int code = connection.getResponseCode();
            if (code == NO_HTTP) {
                return Optional.of("not an HTTP answer");
            }
            readBody(code < MIN_FAILURE ? connection.getInputStream() : connection.getErrorStream());
            return code >= MIN_SUCCESS && code < MIN_FAILURE ? Optional.empty() : Optional.of("HTTP " + code);
        } finally {
            connection.disconnect();
        }
    }

    private HttpURLConnection open() throws IOException, InterruptedException {
        URI url = withoutUser(target.url());
        return (HttpURLConnection) url.toURL().openConnection(proxyFor(url));
    }

    private Proxy proxyFor(URI url) throws IOException, InterruptedException {
        if (target.proxy().isEmpty()) {
            // fills the JDK's cache: the connection's own lookup must not block the virtual thread
            DnsResolver.resolve(url.getHost());
            return Proxy.NO_PROXY;
        }
        URI proxy = target.proxy().get();
        int port = proxy.getPort() == -1 ? HTTP_PORT : proxy.getPort();
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(DnsResolver.resolve(proxy.getHost()), port));
    }

    private static void readBody(InputStream body) throws IOException {
        if (body != null) {
            body.readNBytes(MAX_BODY);
        }
    }

    /** The URL without its user and password, which then can't appear in an exception's message. */
    private static URI withoutUser(URI url) {
        String authority = url.getRawAuthority();
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String bare = url.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + path + query;
        return URI.create(URI.create(bare).toASCIIString());
    }
}
