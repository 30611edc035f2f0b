package io.dragon.tools.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tar archive (POSIX ustar) that depends on nothing but the names and contents of what goes in: owner 0, one time for all, two modes.
 */
final class TarWriter implements AutoCloseable {
    private static final int BLOCK = 512;
    private static final int NAME_LENGTH = 100;
    private static final int PREFIX_LENGTH = 155;
    private static final int PREFIX_AT = 345;
    private static final int SUM_AT = 148;

    /** 1980-01-01, the earliest that the jars inside can say as well. */
    private static final long TIME_S = 315_532_800;

    private static final int RUNNABLE = 0755;
    private static final int PLAIN = 0644;

    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 16];

    TarWriter(final OutputStream out) {
        this.out = out;
    }

    /** A folder; its name without a slash at the end. */
    void folder(final String name) throws IOException {
        header(name + "/", 0, RUNNABLE, '5', "");
    }

    /** A symbolic link. */
    void link(final String name, final String target) throws IOException {
        header(name, 0, 0777, '2', target);
    }

    /** A file of the file system. */
    void file(final String name, final Path file) throws IOException {
        final long length = Files.size(file);
        header(name, length, Files.isExecutable(file) && isProgram(file) ? RUNNABLE : PLAIN, '0', "");
        long left = length;
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n > 0 && left > 0; n = in.read(buffer)) {
                final int taken = (int) Math.min(n, left);
                out.write(buffer, 0, taken);
                left -= taken;
            }
        }
        if (left != 0) {
            throw new IOException(file + " has become shorter while it was read");
        }
        pad(length);
    }

    /** A file from memory. */
    void file(final String name, final byte[] content) throws IOException {
        header(name, content.length, PLAIN, '0', "");
        out.write(content);
        pad(content.length);
    }

    /** The bit alone is not asked: in a folder that was mounted without permissions every file has it. */
    private static boolean isProgram(final Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] head = in.readNBytes(4);
            return head.length >= 2 && head[0] == '#' && head[1] == '!' || head.length == 4 && head[1] == 'E';
        }
    }

    private void header(final String name, final long length, final int mode, final char kind, final String target)
            throws IOException {
        final byte[] block = new byte[BLOCK];
        final int cut = cutOf(name);
        text(block, 0, NAME_LENGTH, name.substring(cut == 0 ? 0 : cut + 1));
        text(block, PREFIX_AT, PREFIX_LENGTH, name.substring(0, cut));
        octal(block, 100, 8, mode);
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, 124, 12, length);
        octal(block, 136, 12, TIME_S);
        block[156] = (byte) kind;
        text(block, 157, NAME_LENGTH, target);
        text(block, 257, 6, "ustar");
        text(block, 263, 2, "00");
        text(block, 265, 32, "root");
        text(block, 297, 32, "root");
        int sum = 8 * ' ';
        for (final byte each : block) {
            sum += each & 0xFF;
        }
        octal(block, SUM_AT, 7, sum);
        block[SUM_AT + 7] = ' ';
        out.write(block);
    }

    /** Where a long name is cut into its two fields: at the last slash that leaves both short enough; 0 when it need not be. */
    private static int cutOf(final String name) throws IOException {
        if (name.length() <= NAME_LENGTH) {
            return 0;
        }
        final int cut = name.indexOf('/', name.length() - NAME_LENGTH - 1);
        if (cut <= 0 || cut > PREFIX_LENGTH || cut == name.length() - 1) {
            throw new IOException("the name " + name + " is too long for an archive");
        }
        return cut;
    }

    private static void text(final byte[] block, final int at, final int length, final String text) throws IOException {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > length) {
            throw new IOException("the name " + text + " is too long for an archive");
        }
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static void octal(final byte[] block, final int at, final int length, final long value) throws IOException {
        final String digits = Long.toOctalString(value);
        text(block, at, length - 1, "0".repeat(Math.max(0, length - 1 - digits.length())) + digits);
    }

    private void pad(final long length) throws IOException {
        out.write(new byte[(int) (-length & BLOCK - 1)]);
    }

    /** Ends the archive and closes what it is written to. */
    @Override
    public void close() throws IOException {
        try (out) {
            out.write(new byte[2 * BLOCK]);
        }
    }
}
