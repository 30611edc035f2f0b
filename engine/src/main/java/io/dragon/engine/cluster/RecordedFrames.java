package io.dragon.engine.cluster;

import static io.aeron.logbuffer.FrameDescriptor.BEGIN_FRAG_FLAG;
import static io.aeron.logbuffer.FrameDescriptor.FRAME_ALIGNMENT;
import static io.aeron.logbuffer.FrameDescriptor.PADDING_FRAME_TYPE;
import static io.aeron.protocol.DataHeaderFlyweight.HEADER_LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.protocol.DataHeaderFlyweight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.TreeMap;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frames of a recording as they lie in the archive's files, read while no archive runs on them, each held against what was written
 * ({@link FrameCheck}).
 */
final class RecordedFrames {
    /** What is called for the first fragment of every message. */
    @FunctionalInterface
    interface Listener {
        void onFragment(DirectBuffer buffer, int offset, int length);
    }

    /**
     * What was found.
     *
     * @param start of the first frame, or of the first file when there is none.
     * @param end   behind the last frame.
     * @param fault in words; null when every frame is what was written.
     */
    record Extent(long start, long end, String fault) {
        boolean isEmpty() {
            return start == end;
        }
    }

    private final Path archive;
    private final int segmentLength;
    private final ByteBuffer window = ByteBuffer.allocateDirect(SegmentWindow.LENGTH);
    private FrameCheck check;
    private long start = -1;
    private long end;
    private String fault;

    RecordedFrames(final Path archive, final int segmentLength) {
        this.archive = archive;
        this.segmentLength = segmentLength;
    }

    /**
     * Reads a recording from its first file to its last frame.
     *
     * @param recordingId of the recording.
     * @param mayBeTorn   whether the last frame may be incomplete, because a kill can have met its writer; it is taken away.
     * @param listener    sees the messages.
     */
    Extent read(final long recordingId, final boolean mayBeTorn, final Listener listener) {
        start = -1;
        end = 0;
        check = new FrameCheck();
        fault = null;
        final TreeMap<Long, Path> files = files(recordingId);
        if (files.isEmpty()) {
            return new Extent(0, 0, "its file is missing");
        }
        for (final var file : files.entrySet()) {
            if (start >= 0 && end != file.getKey()) {
                return new Extent(
                        start, end, "its file " + file.getValue().getFileName() + " does not follow the one before");
            }
            end = file.getKey();
            readFile(file.getValue(), mayBeTorn && file.getKey().equals(files.lastKey()), listener);
            if (fault != null) {
                break;
            }
        }
        return new Extent(start < 0 ? end : start, end, fault);
    }

    private TreeMap<Long, Path> files(final long recordingId) {
        final TreeMap<Long, Path> files = new TreeMap<>();
        final String prefix = recordingId + "-";
        try (DirectoryStream<Path> found = Files.newDirectoryStream(archive, prefix + "*.rec")) {
            for (final Path file : found) {
                final String name = file.getFileName().toString();
                files.put(Long.parseLong(name.substring(prefix.length(), name.length() - ".rec".length())), file);
            }
        } catch (final IOException | NumberFormatException ex) {
            files.clear();
        }
        return files;
    }

    private void readFile(final Path file, final boolean mayBeTorn, final Listener listener) {
        final StandardOpenOption[] options = mayBeTorn
                ? new StandardOpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE}
                : new StandardOpenOption[] {StandardOpenOption.READ};
        try (FileChannel channel = FileChannel.open(file, options)) {
            if (channel.size() < segmentLength) {
                fault = "its file " + file.getFileName() + " is too short";
                return;
            }
            final SegmentWindow frames = new SegmentWindow(channel, segmentLength, window);
            final int torn = readFrames(frames, file, mayBeTorn, listener);
            if (torn >= 0) {
                // what was never written takes no room on the disk, and is not to
                channel.write(ByteBuffer.allocate(frames.endOfData(torn) - torn), torn);
            }
        } catch (final IOException ex) {
            fault = "its file " + file.getFileName() + " cannot be read";
        }
    }

    /** Reads one file's frames; answers where the torn one begins that must go, or -1. */
    private int readFrames(
            final SegmentWindow frames, final Path file, final boolean mayBeTorn, final Listener listener)
            throws IOException {
        final long base = end;
        final UnsafeBuffer buffer = frames.buffer();
        int offset = start < 0 ? frames.beginOfData() : 0;
        if (offset == segmentLength) {
            return -1;
        }
        start = start < 0 ? base + offset : start;
        while (offset < segmentLength) {
            int at = frames.at(offset, HEADER_LENGTH);
            final int length = buffer.getInt(at, LITTLE_ENDIAN);
            if (length == 0 && frames.isEmptyFrom(offset)) {
                break;
            }
            at = frames.at(offset, HEADER_LENGTH);
            final int aligned = BitUtil.align(length, FRAME_ALIGNMENT);
            final boolean isPadding = FrameCheck.type(buffer, at) == PADDING_FRAME_TYPE;
            final boolean fits = length >= HEADER_LENGTH
                    && aligned <= segmentLength - offset
                    && (isPadding || aligned <= SegmentWindow.LENGTH);
            at = fits && !isPadding ? frames.at(offset, aligned) : at;
            if (!fits || !check.isWhole(buffer, at, aligned)) {
                // What a kill tore has a header, which lies within a page, and nothing behind it.
                if (mayBeTorn && fits && frames.isEmptyFrom(offset + aligned)) {
                    end = base + offset;
                    return offset;
                }
                fault = "its file " + file.getFileName() + " is not what was written, at byte " + offset;
                break;
            }
            if (!isPadding && isFirst(buffer, at)) {
                listener.onFragment(buffer, at + HEADER_LENGTH, length - HEADER_LENGTH);
            }
            offset += aligned;
        }
        end = base + offset;
        return -1;
    }

    private static boolean isFirst(final UnsafeBuffer buffer, final int offset) {
        return (buffer.getByte(offset + DataHeaderFlyweight.FLAGS_FIELD_OFFSET) & BEGIN_FRAG_FLAG) != 0;
    }
}
