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
 * Does it answer a GET? By {@link HttpURLConnection}, whose connection is closed after each answer and which an
 * interrupt ends, on a virtual thread. The newer client keeps the connection, which occupies a server that has one
 * thread, and its own thread wakes up every three seconds for ever.
 */
record HttpCheck(Probe.Target.Http target) implements ProbeCheck {

    static {
        // or a server that ignores "Connection: close" costs a thread that looks after kept connections
        System.setProperty("http.keepAlive", "false");
    }

    private static final int NO_HTTP = -1;
    private static final int FIRST_FAILURE = 400;
    private static final int FIRST_PASS = 200;
    private static final int HTTP_PORT = 80;

    /** Of the body: enough for nearly every server to finish its answer in peace. */
    private static final int MOST_BYTES = 10 * 1024;

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
            readBody(code < FIRST_FAILURE ? connection.getInputStream() : connection.getErrorStream());
            return code >= FIRST_PASS && code < FIRST_FAILURE ? Optional.empty() : Optional.of("HTTP " + code);
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
            // whoever connects looks it up once more, and has it at once
            DnsResolver.find(url.getHost());
            return Proxy.NO_PROXY;
        }
        URI proxy = target.proxy().get();
        int port = proxy.getPort() == -1 ? HTTP_PORT : proxy.getPort();
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(DnsResolver.find(proxy.getHost()), port));
    }

    private static void readBody(InputStream body) throws IOException {
        if (body != null) {
            body.readNBytes(MOST_BYTES);
        }
    }

    /** No exception's words can repeat what is not there. */
    private static URI withoutUser(URI url) {
        String authority = url.getRawAuthority();
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String bare = url.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + path + query;
        return URI.create(URI.create(bare).toASCIIString());
    }
}
