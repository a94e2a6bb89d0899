package dev.claudebottle.sidecar.logs;

/**
 * What a daemon has written, over all its starts.
 *
 * @param lines as put out, the pieces of a cut line one by one
 * @param bytes as read
 */
public record LogTotals(long lines, long bytes) {}
