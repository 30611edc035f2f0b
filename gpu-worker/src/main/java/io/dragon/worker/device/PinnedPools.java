package io.dragon.worker.device;

import io.dragon.engine.frame.FrameLease;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The segments of frame pools that are pinned, each at its first use, so that the GPU reads the camera's own memory; and the way
 * round where a segment cannot be pinned: the frame is copied through pinned memory. Compute thread only, except that a mapping
 * may be to end on any thread: then it waits for {@link #takeBack}, because to pin a gigabyte, and to take that back, may take the
 * driver a second, and no other thread may wait for it.
 *
 * <pre>
 *   first copy -&gt; PINNED --- last lease given back (any thread) ---&gt; ending --- takeBack (compute) ---&gt; unmapped
 *                    '--- the GPU is lost: unmapped at once, its driver is asked for nothing ---------------^
 * </pre>
 */
public final class PinnedPools implements AutoCloseable {
    private static final int PAGE = 4_096;
    private static final int STAGES = 2;
    private static final long STAGE_BYTES = 4L << 20;

    private final GpuDriver driver;
    private final long waitLimitNs;
    private final PinnedBuffer[] stages = new PinnedBuffer[STAGES];
    private final long[] stageDone = new long[STAGES];
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private int nextStage;
    private long[] pinned = {};
    private long[] refused = {};

    private final Endings<Ending> endings = new Endings<>(ending -> ending.unmap.run());

    private volatile long pinnedBytes;
    private volatile String refusal = "";

    /** Why a page could not be pinned beforehand; empty since something could be. */
    private String refusalBefore = "";

    /** A segment whose mapping is to end. */
    private record Ending(long segment, long bytes, Runnable unmap) {}

    PinnedPools(final GpuDriver driver, final long waitLimitNs) {
        this.driver = driver;
        this.waitLimitNs = waitLimitNs;
    }

    /** Pins a page of a new file, so that it can be said beforehand what will be done; what cannot be tried is not said. */
    void tryOut(final Path folder) {
        MappedByteBuffer page = null;
        try {
            Path there = folder.toAbsolutePath();
            while (!Files.isDirectory(there)) {
                there = there.getParent(); // a worker may be the first to come
            }
            final Path file = Files.createTempFile(there, "pinning", ".tmp");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                page = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE);
            } finally {
                Files.delete(file);
            }
            driver.register(BufferUtil.address(page), PAGE);
            driver.unregister(BufferUtil.address(page));
        } catch (final GpuException ex) {
            if (ex.isSticky()) {
                throw ex;
            }
            refusalBefore = ex.getMessage();
            refusal = refusalBefore;
        } catch (final IOException ex) {
            refusal = ""; // it turns out with the first frame
        } finally {
            if (page != null) {
                BufferUtil.free(page);
            }
        }
    }

    /**
     * Queues the copy of a frame, or of a part of it, on {@link GpuStream#COPY}.
     *
     * @param device to where.
     * @param frame  held until the copy is done.
     * @param offset from where in the frame.
     * @param bytes  how much.
     */
    public void copy(final long device, final FrameLease frame, final long offset, final long bytes) {
        if (offset < 0 || bytes < 0 || offset > frame.buffer().capacity() - bytes) {
            throw new IndexOutOfBoundsException(bytes + " bytes at " + offset + " are not within a frame of "
                    + frame.buffer().capacity());
        }
        final long host = frame.buffer().addressOffset() + offset;
        if (isPinned(frame)) {
            driver.copyToDevice(device, host, bytes, GpuStream.COPY);
        } else {
            copyStaged(device, host, bytes);
        }
    }

    /**
     * How frames get to the device, for people. Any thread.
     *
     * @return for instance {@code frames are read in place}.
     */
    public String words() {
        final String why = staging();
        return why.isEmpty() ? "frames are read in place" : why;
    }

    /**
     * Why frames pass the pinned staging ring, at least those of some pools. Any thread.
     *
     * @return for instance {@code frames pass the staging ring: pinning a frame pool failed: ...}; empty where all are read in place.
     */
    public String staging() {
        final String why = refusal;
        return why.isEmpty() ? "" : "frames pass the staging ring: " + why;
    }

    /**
     * Memory of frame pools that is pinned. Any thread.
     *
     * @return bytes.
     */
    public long pinnedBytes() {
        return pinnedBytes;
    }

    /** Takes back the pinning of mappings that are to end, and lets them end. */
    public void takeBack() {
        for (Ending ending = endings.poll(); ending != null; ending = endings.poll()) {
            try {
                unpin(ending);
            } finally {
                ending.unmap.run();
            }
        }
    }

    /** Takes back all pinning; no queued copy may be left. */
    @Override
    public void close() {
        try {
            takeBack();
            for (final long segment : pinned) {
                driver.unregister(segment);
            }
        } finally {
            abandon();
        }
        pinned = new long[0];
        pinnedBytes = 0;
        for (int i = 0; i < STAGES; i++) {
            if (stages[i] != null) {
                stages[i].close();
                driver.freeEvent(stageDone[i]);
                stages[i] = null;
            }
        }
    }

    /** The GPU is lost: nothing can be taken back, and mappings end without asking its driver, which might not answer. Any thread. */
    void abandon() {
        endings.abandon();
    }

    private boolean isPinned(final FrameLease frame) {
        final long segment = frame.segmentAddress();
        return contains(pinned, segment) || !contains(refused, segment) && pin(frame, segment);
    }

    private boolean pin(final FrameLease frame, final long segment) {
        takeBack();
        final long bytes = frame.segmentLength();
        boolean isPinned = true;
        try {
            driver.register(segment, bytes);
        } catch (final GpuException ex) {
            if (ex.isSticky()) {
                throw ex;
            }
            isPinned = false;
            refusal = ex.getMessage();
        }
        if (isPinned) {
            pinned = with(pinned, segment);
            pinnedBytes = pinnedBytes + bytes;
            refusalBefore = ""; // it could not be done before, and now it can
            refusal = refused.length == 0 ? "" : refusal;
        } else {
            refused = with(refused, segment);
        }
        frame.beforeUnmapped(unmap -> endings.add(new Ending(segment, bytes, unmap)));
        return isPinned;
    }

    private void unpin(final Ending ending) {
        if (contains(refused, ending.segment)) {
            refused = without(refused, ending.segment);
            refusal = refused.length == 0 ? refusalBefore : refusal;
        }
        if (!endings.isAbandoned() && contains(pinned, ending.segment)) {
            pinned = without(pinned, ending.segment);
            pinnedBytes = pinnedBytes - ending.bytes;
            driver.unregister(ending.segment);
        }
    }

    private void copyStaged(final long device, final long host, final long bytes) {
        for (long done = 0; done < bytes; done += STAGE_BYTES) {
            final int stage = nextStage;
            nextStage = (stage + 1) % STAGES;
            if (stages[stage] == null) {
                final PinnedBuffer fresh = new PinnedBuffer(driver);
                fresh.ensure(STAGE_BYTES); // memory may be short: then there is no stage yet
                stageDone[stage] = driver.newEvent(false);
                stages[stage] = fresh;
            } else {
                driver.synchronize(stageDone[stage], waitLimitNs);
            }
            final int part = (int) Math.min(STAGE_BYTES, bytes - done);
            final UnsafeBuffer to = stages[stage].buffer();
            view.wrap(host + done, part);
            to.putBytes(0, view, 0, part);
            driver.copyToDevice(device + done, stages[stage].address(), part, GpuStream.COPY);
            driver.record(stageDone[stage], GpuStream.COPY);
        }
    }

    private static boolean contains(final long[] segments, final long segment) {
        for (final long one : segments) {
            if (one == segment) {
                return true;
            }
        }
        return false;
    }

    private static long[] with(final long[] segments, final long segment) {
        final long[] more = Arrays.copyOf(segments, segments.length + 1);
        more[segments.length] = segment;
        return more;
    }

    private static long[] without(final long[] segments, final long segment) {
        return Arrays.stream(segments).filter(one -> one != segment).toArray();
    }
}
