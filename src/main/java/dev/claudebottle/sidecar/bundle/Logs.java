package dev.claudebottle.sidecar.bundle;

/**
 * How output goes to stdout.
 *
 * @param maxLine a daemon's longer line is cut into pieces; as read, without the newline
 */
public record Logs(LogFormat format, ByteSize maxLine, Colour colour) {

    public static final Logs DEFAULT = new Logs(LogFormat.TEXT, new ByteSize("1MiB", 1024 * 1024), Colour.ESCAPE);

    public Logs withFormat(LogFormat other) {
        return new Logs(other, maxLine, colour);
    }

    public Logs withMaxLine(ByteSize other) {
        return new Logs(format, other, colour);
    }

    public Logs withColour(Colour other) {
        return new Logs(format, maxLine, other);
    }
}
