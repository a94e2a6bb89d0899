package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host and a port. Errors never repeat it: it may be a URL with a password, in the wrong place. */
record AddressType() implements ValueType<Probe.Target.Tcp> {

    static final String HOST = "(?:\\[([0-9A-Fa-f:.%]+)\\]|([A-Za-z0-9._-]+))";

    /** The groups: an IPv6 address without its brackets, or else a name or an IPv4 address; the port. */
    static final Pattern FORM = Pattern.compile(HOST + ":([0-9]+)");

    @Override
    public String expected() {
        return "\"HOST:PORT\" with a port from 1 to 65535";
    }

    @Override
    public Optional<Probe.Target.Tcp> read(Value value) {
        Optional<String> text = value.text(expected());
        Optional<Probe.Target.Tcp> address = text.flatMap(AddressType::parse);
        if (text.isPresent() && address.isEmpty()) {
            value.error("not an address", expected());
        }
        return address;
    }

    private static Optional<Probe.Target.Tcp> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        String host = form.group(1) == null ? form.group(2) : form.group(1);
        return HttpAddress.parsePort(form.group(3)).map(port -> new Probe.Target.Tcp(host, port));
    }

    @Override
    public Object render(Probe.Target.Tcp address) {
        return HttpAddress.join(address.host(), address.port());
    }
}
