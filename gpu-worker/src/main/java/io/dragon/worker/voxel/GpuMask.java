package io.dragon.worker.voxel;

import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.GpuHandler;
import io.dragon.worker.HandlerContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.device.KernelArguments;
import io.dragon.worker.device.PinnedBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The {@code mask} task type on a GPU, with the results of {@link MaskHandler}. A frame stays on the device until the next of its camera was
 * compared with it, so each crosses the bus once. Bits come from the device, grown and shrunk there, and the list of pixels too, unless the
 * rule drops what has left its place: that, and all that comes after it, is the processor's, on the few pixels that are left to look at.
 *
 * <p>Where whole frames find no room, or with {@link io.dragon.worker.TaskContext#split}, they pass through in bands of rows.
 *
 * <pre>
 *   slot of the ring, whole frames:  count | bits | set bits before each row | list | weights | bits before they are grown or shrunk
 *                     bands:         count | bits | two bands of the frame | two bands of what it is compared with | bits before that
 * </pre>
 */
final class GpuMask extends GpuHandler {
    private static final int BAND_BYTES = 8 << 20;
    private static final int BANDS = 2;
    private static final int THREADS = 256;
    private static final int SCAN_THREADS = 1_024;
    private static final int WARP = 32;
    private static final int WORDS_A_WARP = 4;
    private static final int COUNT_BYTES = 256;
    private static final int ALIGNMENT = 256;

    /** Of set bits: those that are copied back, and those before discs. */
    private static final int COUNTS = 2;

    /** Pixels of the list that come back without being asked for, 320 KiB; more only when there are more. */
    private static final int EAGER_PIXELS = 1 << 16;

    private final int bandBytes;
    private final DeviceFrames frames;
    private final KernelArguments bitsArguments = new KernelArguments(9);
    private final KernelArguments discArguments = new KernelArguments(8);
    private final KernelArguments rowsArguments = new KernelArguments(4);
    private final KernelArguments scanArguments = new KernelArguments(2);
    private final KernelArguments listArguments = new KernelArguments(11);
    private final long[] events = new long[MOST_IN_FLIGHT * 2 * BANDS];
    private final PinnedBuffer[] lists = new PinnedBuffer[MOST_IN_FLIGHT];
    private int usedEvents;
    private int usedLists;
    private long bitsKernel;
    private long discKernel;
    private long rowsKernel;
    private long scanKernel;
    private long listKernel;

    GpuMask(final CudaDevice device) {
        this(device, BAND_BYTES);
    }

    GpuMask(final CudaDevice device, final int bandBytes) {
        super(device);
        this.bandBytes = bandBytes;
        this.frames = new DeviceFrames(device.memory());
    }

    @Override
    public String taskType() {
        return MaskHandler.TYPE;
    }

    @Override
    public void open(final HandlerContext context) {
        super.open(context);
        final GpuDriver driver = device().driver();
        bitsKernel = driver.kernel("mask", "mask_bits");
        discKernel = driver.kernel("mask", "mask_disc");
        rowsKernel = driver.kernel("mask", "mask_rows");
        scanKernel = driver.kernel("mask", "mask_scan");
        listKernel = driver.kernel("mask", "mask_list");
    }

    @Override
    protected void free() {
        frames.close();
        while (usedEvents > 0) {
            device().driver().freeEvent(events[--usedEvents]);
        }
        while (usedLists > 0) {
            lists[--usedLists].close();
        }
    }

    @Override
    protected Job newJob() {
        return new MaskJob(device());
    }

    /** For tests: frames that are on the device. */
    DeviceFrames frames() {
        return frames;
    }

    @Override
    public String toString() {
        return "GpuMask{" + device() + '}';
    }

    private long newEvent() {
        return events[usedEvents++] = device().driver().newEvent(false);
    }

    private PinnedBuffer newList() {
        return lists[usedLists++] = new PinnedBuffer(device().driver());
    }

    private final class MaskJob extends Job {
        private final GpuDriver driver;
        private final Masker masker = new Masker();
        private final UnsafeBuffer decoded = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        private final long[] copied = new long[BANDS];
        private final long[] done = new long[BANDS];
        private final PinnedBuffer longList = newList();
        private MaskRule rule;
        private FrameLease frame;
        private FrameLease compared;
        private DeviceFrames.Entry current;
        private DeviceFrames.Entry reference;
        private PixelFormat format;
        private int width;
        private int height;
        private int bitsBytes;
        private boolean isEmpty;

        /** Whether others were compared with the same: then nobody is going to be compared with this one. */
        private boolean isReferenceKept;

        /** Whether the list comes from the device; how long it may be, and how much of it comes at once. */
        private boolean isListed;

        private int limit;
        private int eager;
        private boolean isLongListThere;
        /** How often bits go through a disc on the device: grown, shrunk. */
        private int discs;

        private long bitsAt;
        private long otherBitsAt;
        private long listAt;
        private long weightsAt;

        MaskJob(final CudaDevice device) {
            super(device);
            driver = device.driver();
            for (int i = 0; i < BANDS; i++) {
                copied[i] = newEvent();
                done[i] = newEvent();
            }
        }

        @Override
        protected boolean start() throws TaskFailedException {
            frame = MaskHandler.frame(task());
            compared = MaskHandler.compared(task());
            readRule();
            isEmpty = !MaskHandler.begin(masker, rule, frame, compared);
            if (rule.kind() == MaskRule.Kind.THRESHOLD) {
                compared = null;
            }
            format = MaskHandler.pixelFormat(frame.format());
            width = frame.width();
            height = frame.height();
            bitsBytes = Long.BYTES * Bits.wordsPerRow(width) * height;
            discs = rule.dropsPixels() ? 0 : (rule.grow() > 0 ? 1 : 0) + (rule.shrink() > 0 ? 1 : 0);
            limit = (int) Math.min(rule.listLimit(), (long) width * height);
            eager = Math.min(limit, EAGER_PIXELS);
            isLongListThere = false;
            isReferenceKept = false;
            final boolean isWhole = task().split() == 1 && placeFrames();
            isListed = isWhole && !isEmpty && !rule.dropsPixels() && limit > 0;
            if (!claim(isWhole ? layOutWhole() : layOutBands())) {
                return false;
            }
            bitsAt = slot().address() + COUNT_BYTES;
            otherBitsAt += slot().address();
            if (isWhole) {
                queueWhole();
            } else if (!isEmpty) {
                queueBands();
            }
            if (!isEmpty) {
                final long results =
                        slot().results().ensure(COUNT_BYTES + bitsBytes + (isListed ? listBytes(eager) : 0));
                driver.copyToHost(results, slot().address(), COUNT_BYTES + bitsBytes, GpuStream.COMPUTE);
                if (isListed) {
                    copyList(results + COUNT_BYTES + bitsBytes, eager);
                }
            }
            slot().copiedIn();
            slot().computed();
            return true;
        }

        /** The same rule comes again and again, and is made into an object once. */
        private void readRule() {
            final int length = task().parametersLength();
            boolean isSame = rule != null && length >= MaskRule.ENCODED_LENGTH;
            for (int i = 0; isSame && i < MaskRule.ENCODED_LENGTH; i += Long.BYTES) {
                isSame = decoded.getLong(i) == task().parameters().getLong(i);
            }
            if (!isSame) {
                rule = null;
                rule = MaskRule.decode(task().parameters(), 0, length);
                decoded.putBytes(0, task().parameters(), 0, MaskRule.ENCODED_LENGTH);
            }
        }

        private long pixelBytes() {
            return (long) width * height * format.bytesPerPixel();
        }

        /** Finds room for both frames on the device, or for none of them. */
        private boolean placeFrames() {
            current = frames.find(frame.ref());
            if (compared != null) {
                reference = frames.find(compared.ref());
                reference = reference == null ? frames.take(pixelBytes()) : reference;
            }
            current = current == null ? frames.take(pixelBytes()) : current;
            if (current == null || compared != null && reference == null) {
                giveFrames();
                return false;
            }
            return true;
        }

        private void giveFrames() {
            final boolean isCompared = rule != null && rule.kind() == MaskRule.Kind.DIFFERENCE && !isReferenceKept;
            if (current != null) {
                frames.give(current, !isCompared);
            }
            if (reference != null) {
                frames.give(reference, isCompared);
            }
            current = null;
            reference = null;
        }

        private long layOutWhole() {
            if (isEmpty) {
                return COUNT_BYTES;
            }
            listAt = COUNT_BYTES + aligned(bitsBytes) + aligned(height * Integer.BYTES);
            weightsAt = listAt + aligned((long) limit * Integer.BYTES);
            return withOtherBits(isListed ? weightsAt + aligned(limit) : listAt);
        }

        private long withOtherBits(final long bytes) {
            otherBitsAt = bytes;
            return discs == 0 ? bytes : bytes + aligned(bitsBytes);
        }

        private int bandRows() {
            final long row = (long) width * format.bytesPerPixel();
            return (int) Math.max(1, Math.min(height, bandBytes / task().split() / row));
        }

        private long bandRoom() {
            return aligned((long) bandRows() * width * format.bytesPerPixel());
        }

        private long layOutBands() {
            final int frames = compared == null ? 1 : 2;
            return isEmpty
                    ? COUNT_BYTES
                    : withOtherBits(COUNT_BYTES + aligned(bitsBytes) + BANDS * frames * bandRoom());
        }

        private void queueWhole() {
            fill(current, frame);
            if (compared != null) {
                fill(reference, compared);
                isReferenceKept = frames.isComparedAgain(reference);
            }
            if (isEmpty) {
                return;
            }
            slot().copiedIn();
            driver.fill(slot().address(), 0, COUNTS, GpuStream.COMPUTE);
            final long referenceAt = reference == null ? 0 : reference.address();
            launchBits(current.address(), referenceAt, firstBitsAt(), height);
            launchDiscs();
            if (isListed) {
                listAt += slot().address();
                weightsAt += slot().address();
                launchList(referenceAt);
            }
        }

        private void fill(final DeviceFrames.Entry entry, final FrameLease with) {
            if (!entry.isFilled()) {
                device().pools().copy(entry.address(), with, 0, pixelBytes());
                entry.filled(with.ref());
            }
        }

        private void queueBands() {
            driver.fill(slot().address(), 0, COUNTS, GpuStream.COMPUTE);
            final int rows = bandRows();
            final long rowBytes = (long) width * format.bytesPerPixel();
            final long firstBand = bitsAt + aligned(bitsBytes);
            int band = 0;
            for (int y = 0; y < height; y += rows, band++) {
                final int here = Math.min(rows, height - y);
                final int buffer = band % BANDS;
                final long at = firstBand + buffer * bandRoom();
                final long referenceAt = compared == null ? 0 : at + BANDS * bandRoom();
                if (band >= BANDS) {
                    driver.await(GpuStream.COPY, done[buffer]);
                }
                device().pools().copy(at, frame, y * rowBytes, here * rowBytes);
                if (compared != null) {
                    device().pools().copy(referenceAt, compared, y * rowBytes, here * rowBytes);
                }
                driver.record(copied[buffer], GpuStream.COPY);
                driver.await(GpuStream.COMPUTE, copied[buffer]);
                launchBits(at, referenceAt, firstBitsAt() + (long) y * Bits.wordsPerRow(width) * Long.BYTES, here);
                driver.record(done[buffer], GpuStream.COMPUTE);
            }
            launchDiscs();
        }

        /** Each disc takes the bits to the other place; they end in the one that is copied back. */
        private long firstBitsAt() {
            return discs % 2 == 0 ? bitsAt : otherBitsAt;
        }

        private void launchDiscs() {
            long from = firstBitsAt();
            for (int disc = 0; disc < discs; disc++) {
                final boolean isShrunk = disc > 0 || rule.grow() == 0;
                final long to = from == bitsAt ? otherBitsAt : bitsAt;
                final int words = 2 * Bits.wordsPerRow(width);
                discArguments
                        .set(0, from)
                        .set(1, to)
                        .set(2, disc == discs - 1 ? slot().address() : 0)
                        .setInt(3, width)
                        .setInt(4, height)
                        .setInt(5, words)
                        .setInt(6, isShrunk ? rule.shrink() : rule.grow())
                        .setInt(7, isShrunk ? 1 : 0);
                final int blocks = (words * height + THREADS - 1) / THREADS;
                driver.launch(discKernel, blocks, 1, 1, THREADS, 0, GpuStream.COMPUTE, discArguments);
                from = to;
            }
        }

        private void launchBits(final long pixels, final long referenceAt, final long to, final int rows) {
            final int words = 2 * Bits.wordsPerRow(width);
            bitsArguments
                    .set(0, pixels)
                    .set(1, referenceAt)
                    .set(2, to)
                    .set(3, slot().address() + (discs == 0 ? 0 : Integer.BYTES)) // what counts comes last
                    .setInt(4, width)
                    .setInt(5, rows)
                    .setInt(6, words)
                    .setInt(7, format.ordinal())
                    .setInt(8, rule.threshold());
            final long warps = (long) ((words + WORDS_A_WARP - 1) / WORDS_A_WARP) * rows;
            driver.launch(bitsKernel, blocks(warps), 1, 1, THREADS, 0, GpuStream.COMPUTE, bitsArguments);
        }

        private void launchList(final long referenceAt) {
            final int words = 2 * Bits.wordsPerRow(width);
            final long rowsAt = bitsAt + aligned(bitsBytes);
            rowsArguments.set(0, bitsAt).set(1, rowsAt).setInt(2, height).setInt(3, words);
            driver.launch(rowsKernel, blocks(height), 1, 1, THREADS, 0, GpuStream.COMPUTE, rowsArguments);
            scanArguments.set(0, rowsAt).setInt(1, height);
            driver.launch(scanKernel, 1, 1, 1, SCAN_THREADS, 0, GpuStream.COMPUTE, scanArguments);
            listArguments
                    .set(0, current.address())
                    .set(1, referenceAt)
                    .set(2, bitsAt)
                    .set(3, rowsAt)
                    .set(4, listAt)
                    .set(5, weightsAt)
                    .setInt(6, limit)
                    .setInt(7, width)
                    .setInt(8, height)
                    .setInt(9, words)
                    .setInt(10, format.ordinal());
            driver.launch(listKernel, blocks(height), 1, 1, THREADS, 0, GpuStream.COMPUTE, listArguments);
        }

        private void copyList(final long to, final int pixels) {
            driver.copyToHost(to, listAt, (long) pixels * Integer.BYTES, GpuStream.COMPUTE);
            driver.copyToHost(to + (long) pixels * Integer.BYTES, weightsAt, pixels, GpuStream.COMPUTE);
        }

        private int count() {
            return isEmpty ? 0 : slot().results().buffer().getInt(0, Wire.ORDER);
        }

        @Override
        protected boolean advance() {
            final int count = count();
            if (!isListed || count <= eager || count > limit || isLongListThere) {
                return true;
            }
            copyList(longList.grow(listBytes(count)), count);
            slot().computed();
            isLongListThere = true;
            return false;
        }

        @Override
        protected void finish() throws TaskFailedException {
            final int count = count();
            final UnsafeBuffer results = slot().results().buffer();
            if (isEmpty) {
                MaskHandler.finish(task(), frame, masker);
                return;
            }
            if (masker.isFinal(count) && (isListed || count == 0 || count > limit)) {
                final UnsafeBuffer list = isLongListThere ? longList.buffer() : results;
                final int listFrom = isLongListThere ? 0 : COUNT_BYTES + bitsBytes;
                final int weightsFrom = listFrom + (isLongListThere ? count : eager) * Integer.BYTES;
                masker.adopt(count, results, COUNT_BYTES, list, listFrom, weightsFrom);
            } else if (masker.isFinal(count)) {
                masker.adoptFinal(results, COUNT_BYTES);
            } else {
                masker.adopt(results, COUNT_BYTES);
            }
            MaskHandler.finish(task(), frame, masker);
        }

        @Override
        protected void end() {
            giveFrames();
            frame = null;
            compared = null;
        }
    }

    private static int blocks(final long warps) {
        return (int) ((warps * WARP + THREADS - 1) / THREADS);
    }

    private static long listBytes(final int pixels) {
        return (long) pixels * (Integer.BYTES + 1);
    }

    private static long aligned(final long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }
}
