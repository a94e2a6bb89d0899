package dev.claudebottle.sidecar.config;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A whole number from {@code least} to {@code most}, which is at most {@link #HIGHEST}. */
record WholeNumberType(int least, int most) implements ValueType<Integer> {

    /** Nine digits: fits an int. */
    static final int HIGHEST = 999_999_999;

    private static final Pattern IN_DIGITS = Pattern.compile("-?[0-9]+");
    private static final Pattern FORM = Pattern.compile("[0-9]{1,9}");

    @Override
    public String expected() {
        return "a whole number from " + least + " to " + most;
    }

    @Override
    public Optional<Integer> read(Value value) {
        Optional<String> text = value.scalar(Set.of(Tag.INT), expected());
        Optional<Integer> number = text.filter(digits -> FORM.matcher(digits).matches())
                .map(Integer::valueOf)
                .filter(n -> n >= least && n <= most);
        if (text.isPresent() && number.isEmpty()) {
            String problem = IN_DIGITS.matcher(text.get()).matches() ? " is out of range" : " is not written in digits";
            value.error(Printable.quoted(text.get()) + problem, expected());
        }
        return number;
    }

    @Override
    public Object render(Integer value) {
        return value;
    }
}
