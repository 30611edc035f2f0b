package io.dragon.tools.process;

import io.aeron.AeronCounters;
import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.DirectBuffer;
import org.agrona.IoUtil;
import org.agrona.concurrent.errors.ErrorLogReader;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * The file in which a media driver, and what runs on it, keep their counters and errors, as another process sees it: nothing is
 * written and nobody disturbed, whether they live or not. One thread.
 */
public final class DriverFile implements AutoCloseable {
    /** {@code client-heartbeat: 12 name=tool-0 version=...}; a name may hold spaces. */
    private static final Pattern CLIENT = Pattern.compile("name=(.*?)(?: version=.*)?$");

    private final MappedByteBuffer mapped;
    private final DirectBuffer meta;

    private DriverFile(final MappedByteBuffer mapped, final DirectBuffer meta) {
        this.mapped = mapped;
        this.meta = meta;
    }

    /**
     * Maps the file of a media driver.
     *
     * @param aeronDirectory of the driver.
     * @return its file; null while the driver has not made it, or makes it anew.
     */
    public static DriverFile open(final Path aeronDirectory) {
        final MappedByteBuffer mapped = map(aeronDirectory.resolve(CncFileDescriptor.CNC_FILE));
        if (mapped == null) {
            return null;
        }
        final DirectBuffer meta = CncFileDescriptor.createMetaDataBuffer(mapped);
        // The version is written last.
        if (meta.getInt(CncFileDescriptor.cncVersionOffset(0)) == 0
                || !CncFileDescriptor.isCncFileLengthSufficient(meta, mapped.capacity())) {
            IoUtil.unmap(mapped);
            return null;
        }
        return new DriverFile(mapped, meta);
    }

    private static MappedByteBuffer map(final Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.size() <= CncFileDescriptor.META_DATA_LENGTH
                    ? null
                    : channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        } catch (final NoSuchFileException ex) {
            return null; // a driver that was killed starts again: it takes the old file away first
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /**
     * The process of the driver.
     *
     * @return its number in the operating system.
     */
    public long processId() {
        return CncFileDescriptor.pid(meta);
    }

    /**
     * When the driver last said that it lives.
     *
     * @return milliseconds since the epoch; 0 when it never did.
     */
    public long heardMillis() {
        return new ManyToOneRingBuffer(CncFileDescriptor.createToDriverBuffer(mapped, meta)).consumerHeartbeatTime();
    }

    /**
     * Every counter that is in use.
     *
     * @return by their numbers.
     */
    public List<Counter> counters() {
        final CountersReader reader = new CountersReader(
                CncFileDescriptor.createCountersMetaDataBuffer(mapped, meta),
                CncFileDescriptor.createCountersValuesBuffer(mapped, meta));
        final Map<Long, String> clients = new HashMap<>();
        reader.forEach((counterId, typeId, key, label) -> {
            if (typeId == AeronCounters.DRIVER_HEARTBEAT_TYPE_ID) {
                clients.put(reader.getCounterRegistrationId(counterId), clientName(label));
            }
        });
        final List<Counter> counters = new ArrayList<>();
        reader.forEach((counterId, typeId, key, label) -> {
            final long owner = typeId == AeronCounters.DRIVER_HEARTBEAT_TYPE_ID
                    ? reader.getCounterRegistrationId(counterId)
                    : reader.getCounterOwnerId(counterId);
            counters.add(new Counter(
                    counterId, typeId, label, clients.getOrDefault(owner, ""), reader.getCounterValue(counterId)));
        });
        return counters;
    }

    private static String clientName(final String label) {
        final Matcher name = CLIENT.matcher(label);
        return name.find() ? name.group(1) : "";
    }

    /**
     * Errors that were noted, each kind once.
     *
     * @return in the order in which they first came.
     */
    public List<Fault> faults() {
        final List<Fault> faults = new ArrayList<>();
        ErrorLogReader.read(
                CncFileDescriptor.createErrorLogBuffer(mapped, meta),
                (times, first, last, text) -> faults.add(new Fault(times, first, last, text)));
        return faults;
    }

    @Override
    public void close() {
        IoUtil.unmap(mapped);
    }

    /**
     * A counter.
     *
     * @param id     its number; given to another when it is gone.
     * @param typeId what it counts, as {@link AeronCounters} numbers it.
     * @param label  what it counts, in words.
     * @param client name of the client that it belongs to; empty for the driver's own.
     * @param value  what it stood at.
     */
    public record Counter(int id, int typeId, String label, String client, long value) {}

    /**
     * An error that was noted, once or often.
     *
     * @param times       how often.
     * @param firstMillis when it first came, milliseconds since the epoch.
     * @param lastMillis  when it last came.
     * @param text        the exception with its stack trace.
     */
    public record Fault(int times, long firstMillis, long lastMillis, String text) {}
}
