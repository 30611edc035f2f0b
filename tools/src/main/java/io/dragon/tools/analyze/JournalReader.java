package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads a journal file by file, up to the first line that is torn or damaged: a process that was killed, or a computer without power, leaves
 * such an end. One thread.
 */
final class JournalReader {
    private static final int BUFFER_LENGTH = 1 << 16;
    private static final int MAX_LINE = 1 << 20;
    private static final Pattern FILE =
            Pattern.compile("(\\\\?)([0-9a-f]{64})  (\\d+) (-?\\d+) (\\d+) (\\d+)  (.+)", Pattern.DOTALL);

    private final FileChannel channel;
    private final Path file;
    private final long size;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH).limit(0);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    private final UnsafeBuffer blockHashes = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer digest = new UnsafeBuffer(new byte[Hex.LENGTH / 2]);
    private long position;
    private long goodEnd;

    private String name;
    private long fileSize;
    private long modifiedNs;
    private int zeroBlocks;
    private long zeroBytes;

    /** The channel is only read by position: closing another one of the same file would give its lock away. */
    JournalReader(final FileChannel channel, final Path file) throws IOException {
        this.channel = channel;
        this.file = file;
        size = channel.size();
    }

    /**
     * Reads the first line, once.
     *
     * @return null when nothing is there but perhaps a torn first line.
     * @throws DragonException when it is another file, or a journal that this program does not understand.
     */
    JournalHead head() throws IOException {
        if (size == 0) {
            return null;
        }
        final boolean isWhole = nextLine();
        final String begin = line.toString(StandardCharsets.UTF_8);
        final String text = isWhole ? checked() : null;
        final JournalHead head = text == null ? null : JournalHead.parse(file, text);
        if (head == null && (isWhole || !JournalHead.MAGIC.startsWith(begin) && !begin.startsWith(JournalHead.MAGIC))) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The file " + file + " lies where a journal of the analysis would be written, and is none or has a"
                            + " damaged first line: move or delete it.");
        }
        goodEnd = position;
        return head;
    }

    /** Goes to the next file that was done; false at the end or where damage begins. */
    boolean next() throws IOException {
        hashes.reset();
        while (nextLine()) {
            final String text = checked();
            if (text == null) {
                return false;
            }
            if (!text.startsWith("+")) {
                final boolean isFile = parse(text);
                goodEnd = isFile ? position : goodEnd;
                return isFile;
            }
            try {
                hashes.writeBytes(Base64.getDecoder().decode(text.substring(1)));
            } catch (final IllegalArgumentException ex) {
                return false;
            }
        }
        return false;
    }

    private boolean parse(final String text) {
        final Matcher matcher = FILE.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        try {
            fileSize = Long.parseLong(matcher.group(3));
            modifiedNs = Long.parseLong(matcher.group(4));
            zeroBlocks = Integer.parseInt(matcher.group(5));
            zeroBytes = Long.parseLong(matcher.group(6));
        } catch (final NumberFormatException ex) {
            return false;
        }
        digest.putBytes(0, HexFormat.of().parseHex(matcher.group(2)));
        name = matcher.group(1).isEmpty() ? matcher.group(7) : plain(matcher.group(7));
        return true;
    }

    private static String plain(final String escaped) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            final char c = escaped.charAt(i);
            if (c == '\\' && i + 1 < escaped.length()) {
                text.append(escaped.charAt(++i) == 'n' ? '\n' : '\\');
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** The name of the file, as the manifest has it before it is escaped. */
    String name() {
        return name;
    }

    /** Gives what is known to a file that is as it was then; false when it is not, or is known already. */
    boolean restore(final FoundFile found, final int blockLength, final Tally tally) {
        final int blocks = found.blocks(blockLength);
        if (found.size != fileSize
                || found.modifiedNs != modifiedNs
                || found.isHashed()
                || hashes.size() != (blocks == 1 ? 0 : (long) blocks * digest.capacity())) {
            return false;
        }
        found.zeroBlocks = zeroBlocks;
        found.zeroBytes = zeroBytes;
        found.digest(digest.getLong(0), digest.getLong(8), digest.getLong(16), digest.getLong(24));
        blockHashes.wrap(hashes.toByteArray());
        tally.restore(found, blockHashes);
        return true;
    }

    /** Where the last whole file ends, in bytes. */
    long goodEnd() {
        return goodEnd;
    }

    /** The text of the line when its checksum is right, otherwise null. */
    private String checked() {
        return JournalLine.text(line.toByteArray());
    }

    /** Reads up to the next line feed; false when there is none, {@code line} then has what there is. */
    private boolean nextLine() throws IOException {
        line.reset();
        while (line.size() <= MAX_LINE) {
            if (!buffer.hasRemaining() && !fill()) {
                return false;
            }
            final byte[] bytes = buffer.array();
            final int from = buffer.position();
            int to = from;
            while (to < buffer.limit() && bytes[to] != '\n') {
                to++;
            }
            line.write(bytes, from, to - from);
            if (to < buffer.limit()) {
                buffer.position(to + 1);
                position += to + 1 - from;
                return true;
            }
            buffer.position(to);
            position += to - from;
        }
        return false;
    }

    private boolean fill() throws IOException {
        final long left = size - position;
        if (left <= 0) {
            return false;
        }
        buffer.clear().limit((int) Math.min(left, BUFFER_LENGTH));
        final int read = channel.read(buffer, position);
        buffer.flip();
        return read > 0;
    }
}
