package dev.claudebottle.sidecar.probes;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** An HTTP connection that carries one request, does not follow redirects and is closed after the answer (decision 0008). */
public final class SingleRequest {

    static {
        // without this, a server that ignores "Connection: close" makes the JDK start its keep-alive thread
        System.setProperty("http.keepAlive", "false");
    }

    /** {@link HttpURLConnection#getResponseCode} of an answer that is not HTTP. */
    public static final int NO_HTTP = -1;

    private SingleRequest() {}

    /** Sends nothing yet. The URL's user and password are left out, so that they can't appear in an exception's message. */
    public static HttpURLConnection open(URI url, Proxy proxy) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) withoutUser(url).toURL().openConnection(proxy);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("User-Agent", "sidecar-init");
        return connection;
    }

    private static URI withoutUser(URI url) {
        String authority = url.getRawAuthority();
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String bare = url.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + path + query;
        return URI.create(URI.create(bare).toASCIIString());
    }
}
