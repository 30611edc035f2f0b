package io.dragon.worker.voxel;

import io.dragon.worker.GpuHandler;
import io.dragon.worker.HandlerContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.device.CudaDevice;

/**
 * The {@code carve} task type on a GPU, with the results of {@link CarveHandler}: votes, what counts, peaks and runs of voxels come from
 * the device; the processor puts the best peaks in order and places them between the rays. The votes are the device's largest piece of
 * memory, and only one task has them at a time; the masks of the next ones are copied meanwhile. {@link io.dragon.worker.TaskContext#split}
 * cuts the slab, whose pieces then follow each other.
 */
final class GpuCarve extends GpuHandler {
    /** Peaks that there is room for at once; with more of them the kernel runs again, with as much room as it wants. */
    private static final int PEAKS = 1 << 14;

    private final int mostPeaks;
    private final CarveKernels kernels;
    private final DecodedRig rigs = new DecodedRig();
    private final MaskFrame mask = new MaskFrame();

    GpuCarve(final CudaDevice device) {
        this(device, PEAKS);
    }

    GpuCarve(final CudaDevice device, final int mostPeaks) {
        super(device);
        this.mostPeaks = mostPeaks;
        this.kernels = new CarveKernels(device);
    }

    @Override
    public String taskType() {
        return CarveHandler.TYPE;
    }

    @Override
    public void open(final HandlerContext context) {
        super.open(context);
        kernels.load();
    }

    @Override
    protected void free() {
        kernels.close();
    }

    @Override
    protected Job newJob() {
        return new CarveJob(device());
    }

    @Override
    public String toString() {
        return "GpuCarve{" + device() + '}';
    }

    private final class CarveJob extends Job {
        private final CarveTask work;
        private Stage stage;
        private int piece;
        private long ticket;
        private boolean hasTicket;

        CarveJob(final CudaDevice device) {
            super(device);
            work = new CarveTask(kernels, mostPeaks);
        }

        @Override
        protected boolean start() throws TaskFailedException {
            piece = 0;
            stage = Stage.DONE;
            if (!work.begin(task(), rigs, mask)) {
                return true; // nothing to do on the device
            }
            if (!claim(work.slotBytes())) {
                return false;
            }
            ticket = kernels.newTicket();
            hasTicket = true;
            work.copyIn(slot());
            stage = Stage.PREPARED;
            slot().computed();
            launch();
            return true;
        }

        /** When the votes are free. */
        private void launch() {
            if (kernels.hasVotes(ticket)) {
                work.count(piece);
                slot().computed();
                stage = Stage.COUNTED;
            }
        }

        @Override
        protected boolean advance() {
            switch (stage) {
                case PREPARED -> launch();
                case COUNTED -> {
                    stage = Stage.FETCHED;
                    if (work.fetch()) {
                        slot().computed();
                    }
                }
                case FETCHED -> {
                    work.take();
                    piece++;
                    if (piece < work.pieces()) {
                        launch();
                    } else {
                        stage = Stage.DONE;
                    }
                }
                case DONE -> {
                    return true;
                }
            }
            return stage == Stage.DONE;
        }

        @Override
        protected void finish() throws TaskFailedException {
            work.finish(task());
        }

        @Override
        protected void end() {
            if (hasTicket) {
                kernels.giveVotes();
                hasTicket = false;
            }
            work.forget();
        }
    }

    private enum Stage {
        /** Masks are on their way; the votes are another task's. */
        PREPARED,
        /** The votes of a piece are counted. */
        COUNTED,
        /** Peaks and voxels of it come back. */
        FETCHED,
        DONE
    }
}
