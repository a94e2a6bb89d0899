package dev.claudebottle.sidecar.logs;

/**
 * What a daemon has written, over all its starts.
 *
 * @param lines lines as written to stdout; each piece of a cut line counts as one
 * @param bytes bytes as read from its pipes
 */
public record LogTotals(long lines, long bytes) {}
