package dev.claudebottle.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * {@code /}: the page for people (decision 0028). It is read from the jar for each request, so that it takes no memory while nobody looks.
 * Its one style and its one script are named by their hashes; the browser takes no other.
 */
@Path("/")
public class PageResource {

    private static final String FILE = "/page/index.html";

    private static final String POLICY = "default-src 'none'; connect-src 'self'; style-src '%s'; script-src '%s';"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    @GET
    @NonBlocking
    public Response page() {
        byte[] page = read();
        String text = new String(page, UTF_8);
        return Response.ok(page)
                .header(HttpHeaders.CONTENT_TYPE, "text/html;charset=utf-8")
                .header(HttpHeaders.CONTENT_LENGTH, page.length)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Content-Security-Policy", POLICY.formatted(hash(text, "style"), hash(text, "script")))
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Embedder-Policy", "require-corp")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .build();
    }

    private static byte[] read() {
        try (InputStream page = PageResource.class.getResourceAsStream(FILE)) {
            return page.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read the page: " + unreadable.getMessage(), unreadable);
        }
    }

    /** What the policy calls the content of the only element with this tag. */
    private static String hash(String page, String tag) {
        int begin = page.indexOf("<" + tag + ">") + tag.length() + 2;
        byte[] content = page.substring(begin, page.indexOf("</" + tag + ">")).getBytes(UTF_8);
        try {
            return "sha256-"
                    + Base64.getEncoder()
                            .encodeToString(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("internal error: every Java has SHA-256", impossible);
        }
    }
}
