package dev.claudebottle.sidecar.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * URLs, each once.
 *
 * @param most how many there may be
 */
record UrlListType(UrlType item, int most) implements ValueType<List<URI>> {

    @Override
    public String expected() {
        return "a list of 1 to " + most + " URLs";
    }

    @Override
    public Optional<List<URI>> read(Value value) {
        return value.items(expected()).flatMap(items -> {
            if (items.isEmpty() || items.size() > most) {
                value.error(items.isEmpty() ? "an empty list" : items.size() + " URLs", expected());
            }
            List<URI> urls = new ArrayList<>();
            Set<String> texts = new HashSet<>();
            for (Value each : items) {
                item.read(each).ifPresent(url -> {
                    if (!texts.add(url.toString())) {
                        each.error("the URL of an earlier item", "each URL once");
                    }
                    urls.add(url);
                });
            }
            return Optional.of(urls).filter(all -> !all.isEmpty() && all.size() == items.size());
        });
    }

    @Override
    public Object render(List<URI> urls) {
        return urls.stream().map(item::render).toList();
    }
}
