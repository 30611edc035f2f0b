package io.dragon.tools.analyze;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The lines of a manifest, one after the other, in the memory of one of them however long it is. A carriage return is part of a name. */
final class ManifestLines implements AutoCloseable {
    /** Bytes of a line: names are shorter by far, and what is longer is no manifest. */
    static final int LONGEST = 1 << 20;

    private static final int AT_ONCE = 1 << 16;

    private final InputStream in;
    private final byte[] read = new byte[AT_ONCE];
    private int at;
    private int end;
    private byte[] line = new byte[256];
    private int length;
    private long number;

    ManifestLines(final Path file) throws IOException {
        in = Files.newInputStream(file);
    }

    /** Goes to the next line; false when there is none. */
    boolean next() throws IOException {
        length = 0;
        boolean isBegun = false;
        while (true) {
            if (at == end) {
                at = 0;
                end = Math.max(0, in.read(read));
                if (end == 0) {
                    number += isBegun ? 1 : 0;
                    return isBegun;
                }
            }
            isBegun = true;
            final int lineFeed = lineFeed(read, at, end);
            add(at, lineFeed - at);
            at = lineFeed;
            if (at < end) {
                at++;
                number++;
                return true;
            }
        }
    }

    private static int lineFeed(final byte[] bytes, final int from, final int to) {
        int index = from;
        while (index < to && bytes[index] != '\n') {
            index++;
        }
        return index;
    }

    private void add(final int from, final int count) {
        if (length + count > LONGEST) {
            length = LONGEST + 1;
            return;
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + count));
        }
        System.arraycopy(read, from, line, length, count);
        length += count;
    }

    /** The line without its end; null when it is longer than {@link #LONGEST}. */
    String text() {
        return length > LONGEST ? null : new String(line, 0, length, StandardCharsets.UTF_8);
    }

    /** Of the line, from 1. */
    long number() {
        return number;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
