package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.DisplayUrl;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A URL with one of these schemes. Errors never repeat it, because it may carry secrets; the rendering hides them. */
record UrlType(List<String> schemes) implements ValueType<URI> {

    static final UrlType HTTP = new UrlType("http", "https");

    UrlType(String... schemes) {
        this(List.of(schemes));
    }

    @Override
    public String expected() {
        return "a URL with a host, as in " + schemes.getFirst() + "://127.0.0.1:9100/";
    }

    @Override
    public Optional<URI> read(Value value) {
        return value.text(expected()).flatMap(text -> read(text, value::error));
    }

    /** Empty after one call of {@code error} with the problem and what is expected. */
    Optional<URI> read(String text, BiConsumer<String, String> error) {
        Optional<URI> url = parse(text);
        if (url.isEmpty()) {
            error.accept("not an " + String.join(" or ", schemes) + " URL", expected());
        }
        return url;
    }

    private Optional<URI> parse(String text) {
        try {
            URI url = new URI(text);
            boolean port = url.getPort() == -1
                    || HttpAddress.parsePort(Integer.toString(url.getPort())).isPresent();
            boolean usable =
                    url.getScheme() != null && schemes.contains(url.getScheme()) && url.getHost() != null && port;
            return usable ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    @Override
    public Object render(URI url) {
        return DisplayUrl.of(url);
    }
}
