package dev.claudebottle.sidecar.probes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Base64;
import javax.net.ssl.HttpsURLConnection;

/**
 * An HTTP connection that carries one request, does not follow redirects and is closed after the answer (decision 0008). The JDK would
 * connect to one address of a name only, so each connection is made to a given address (decision 0019).
 */
public final class SingleRequest {

    static {
        // without this, a server that ignores "Connection: close" makes the JDK start its keep-alive thread
        System.setProperty("http.keepAlive", "false");
        // for Host: the URL has an address where the name was
        System.setProperty("sun.net.http.allowRestrictedHeaders", "true");
    }

    /** {@link HttpURLConnection#getResponseCode} of an answer that is not HTTP. */
    public static final int NO_HTTP = -1;

    private static final int HTTP_PORT = 80;

    /** Sets up a connection that is about to be made. */
    @FunctionalInterface
    public interface Setup {
        void apply(HttpURLConnection connection) throws IOException;
    }

    private SingleRequest() {}

    /**
     * Connects to the first address that accepts; sends nothing yet. No proxy: one from system properties could be a guard.
     *
     * @param setup of each connection that is tried
     */
    public static HttpURLConnection connect(URI url, Addresses addresses, Setup setup) throws IOException {
        return addresses.connect((address, timeout) -> {
            HttpURLConnection connection = open(at(address, url), url, Proxy.NO_PROXY);
            connection.setRequestProperty("Host", hostAndPort(url));
            setup.apply(connection);
            return connect(connection, url, timeout);
        });
    }

    /** Connects to the first address of the proxy that accepts. */
    static HttpURLConnection connectThrough(URI proxy, URI url, Addresses addresses) throws IOException {
        int port = proxy.getPort() == -1 ? HTTP_PORT : proxy.getPort();
        return addresses.connect((address, timeout) -> {
            InetSocketAddress socketAddress = new InetSocketAddress(address, port);
            HttpURLConnection connection = open(url, url, new Proxy(Proxy.Type.HTTP, socketAddress));
            authorize(connection, "Proxy-Authorization", proxy);
            return connect(connection, url, timeout);
        });
    }

    private static HttpURLConnection open(URI target, URI url, Proxy proxy) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) withoutUser(target).toURL().openConnection(proxy);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("User-Agent", "sidecar-init");
        authorize(connection, "Authorization", url);
        return connection;
    }

    private static HttpURLConnection connect(HttpURLConnection connection, URI url, int timeout) throws IOException {
        connection.setConnectTimeout(timeout);
        TlsByName tls = null;
        if (connection instanceof HttpsURLConnection https) {
            tls = new TlsByName(https.getSSLSocketFactory(), url.getHost());
            https.setSSLSocketFactory(tls);
        }
        try {
            connection.connect();
            return connection;
        } catch (IOException failure) {
            boolean noConnection = failure instanceof SocketException || failure instanceof SocketTimeoutException;
            if (!noConnection || tls != null && tls.begun()) {
                throw new Addresses.ConnectedException(failure);
            }
            throw failure;
        }
    }

    /** Basic authentication (RFC 7617) by the URL's user, if it has one. */
    private static void authorize(HttpURLConnection connection, String header, URI url) {
        String user = url.getUserInfo();
        if (user != null && !user.isEmpty()) {
            String credentials = user.contains(":") ? user : user + ":";
            connection.setRequestProperty(
                    header, "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
        }
    }

    private static URI at(InetAddress address, URI url) {
        String text = address.getHostAddress();
        String host = address instanceof Inet6Address ? "[" + text + "]" : text;
        return withAuthority(url, url.getPort() == -1 ? host : host + ":" + url.getPort());
    }

    private static String hostAndPort(URI url) {
        boolean standard = url.getPort() == (url.getScheme().equals("https") ? 443 : HTTP_PORT);
        return url.getPort() == -1 || standard ? url.getHost() : url.getHost() + ":" + url.getPort();
    }

    /** The URL's user and password are left out, so that they can't appear in a message. */
    public static URI withoutUser(URI url) {
        String authority = url.getRawAuthority();
        return withAuthority(url, authority.substring(authority.lastIndexOf('@') + 1));
    }

    private static URI withAuthority(URI url, String authority) {
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return URI.create(
                URI.create(url.getScheme() + "://" + authority + path + query).toASCIIString());
    }
}
