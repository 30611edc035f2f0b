package io.dragon.tools.reconstruct;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import io.dragon.worker.voxel.CarveHandler;
import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.Grid;
import io.dragon.worker.voxel.MaskHandler;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.VoxelFrame;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Runs steps through a sequencer and workers in this process: a mask task a camera, then a carve task a slab. Masks of the next
 * steps are made while a step is carved. Masks stay leased here until they are carved, so a step can be cut into more slabs when
 * its voxels do not fit.
 */
final class ClusterRunner implements StepRunner {
    private static final int MAX_WORKERS = 16;
    private static final int MAX_WINDOW = 3;
    private static final long MAX_PICTURE_POOL = 1L << 30;
    private static final long LEAST_OUTPUT = 4L << 20;
    private static final long LIST_ENTRY = 5;
    private static final int MORE_SLABS = 4;
    private static final long MAX_SLAB_VOXELS = 1L << 24;
    private static final Duration STOP_CHECK = Duration.ofMillis(200);
    private static final Duration STEP_TIMEOUT = Duration.ofMinutes(10);
    private static final long CLAIM_TIMEOUT_NS = 60_000_000_000L;

    private final BooleanSupplier stopped;
    private final EmbeddedDragon dragon;
    private final DragonClient client;
    private final FramePublisher publisher;
    private final int window;
    private final int workers;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final VoxelFrame voxels = new VoxelFrame();
    private final FrameRef ref = new FrameRef();
    private final UnsafeBuffer parameters = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
    private final UnsafeBuffer inline = new UnsafeBuffer(0, 0);

    private record Pending(StepInput input, List<TaskHandle> masks) {}

    /**
     * A system of its own.
     *
     * @param cameras      of the rig
     * @param pictureBytes of the largest picture
     * @param pixels       of the largest picture
     * @param voxels       of the grid
     * @param stopped      asked while waiting: whether somebody wants this to end
     */
    ClusterRunner(
            final int cameras,
            final long pictureBytes,
            final long pixels,
            final long voxels,
            final BooleanSupplier stopped) {
        this.stopped = stopped;
        workers = Math.min(Math.max(Runtime.getRuntime().availableProcessors(), 1), MAX_WORKERS);
        window = (int) Math.max(1, Math.min(MAX_WINDOW, MAX_PICTURE_POOL / (2 * cameras * pictureBytes)));
        final long maskBytes = pixels / 4 + LIST_ENTRY * MaskRule.DEFAULT_LIST_LIMIT + 4096;
        dragon = EmbeddedDragon.launch(new EmbeddedContext()
                .workers(workers)
                .outputSlotCount((cameras + workers) * window + 4 + (int) (2 * voxels / MAX_SLAB_VOXELS / workers))
                .outputSlotLength(Math.max(maskBytes, LEAST_OUTPUT)));
        try {
            client = dragon.connect("reconstruct");
            publisher = client.addPublisher(
                    "reconstruct-" + ProcessHandle.current().pid(),
                    new FramePublisher.Config()
                            .slotCount((2 * cameras + workers) * window + 4)
                            .slotLength(Math.max(pictureBytes, 1 << 16))
                            .metadataLength(0)
                            .fullPolicy(FullPolicy.WAIT)
                            .claimTimeoutNs(CLAIM_TIMEOUT_NS));
        } catch (final RuntimeException | Error e) {
            dragon.close();
            throw e;
        }
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public void submit(final StepInput input) {
        final List<TaskHandle> masks = new ArrayList<>();
        for (int camera = 0; camera < input.rig().size(); camera++) {
            if (input.takesPart(camera)) {
                masks.add(submitMask(input, camera));
            }
        }
        pending.add(new Pending(input, masks));
    }

    private TaskHandle submitMask(final StepInput input, final int camera) {
        final TaskRequest request = TaskRequest.of(MaskHandler.TYPE);
        request.parameters(parameters, 0, input.mask().forCamera(camera).encode(parameters, 0));
        publish(input.current()[camera], input.step());
        request.input(ref);
        if (input.compared()[camera] != null) {
            publish(input.compared()[camera], input.step());
            request.input(ref);
        }
        return client.submit(request);
    }

    private List<TaskHandle> submitCarves(final StepInput input, final List<TaskOutcome> masks, final int slabs) {
        final List<TaskHandle> carves = new ArrayList<>();
        for (int slab = 0; slab < slabs; slab++) {
            final TaskRequest request = TaskRequest.of(CarveHandler.TYPE);
            request.parameters(parameters, 0, input.carve().forSlab(slab, slabs).encode(parameters, 0));
            claim(input.rig().encodedLength());
            input.rig().encode(publisher.frame().buffer(), 0);
            publisher.frame().format(FrameFormat.RIG).width(0).height(0);
            publisher.publishForTask(ref, input.step(), 0);
            request.input(ref);
            masks.forEach(mask -> request.input(mask.outputs().get(0).ref()));
            carves.add(client.submit(request));
        }
        return carves;
    }

    private void publish(final Picture picture, final long step) {
        claim(picture.pixels().length);
        publisher.frame().buffer().putBytes(0, picture.pixels());
        publisher.frame().format(picture.format()).width(picture.width()).height(picture.height());
        publisher.publishForTask(ref, step, 0);
    }

    private void claim(final int length) {
        final int slot = publisher.claim(length);
        if (slot < 0) {
            throw new DragonException(
                    slot == FramePublisher.BACK_PRESSURED ? DragonException.TIMED_OUT : DragonException.FAILED,
                    "A frame of " + length + " bytes found no slot (" + slot + "): the workers do not keep up.");
        }
    }

    @Override
    public void take(final Consumer consumer) {
        final Pending step = pending.remove();
        final List<TaskOutcome> masks;
        try {
            masks = await(step.input, step.masks);
        } catch (final NoRoomException e) {
            throw new DragonException(e.getMessage());
        }
        try {
            carve(step.input, masks, slabs(step.input.carve().grid()), consumer);
        } finally {
            CloseHelper.quietCloseAll(masks);
        }
    }

    private int slabs(final Grid grid) {
        final long needed = Math.max(workers, (grid.voxels() + MAX_SLAB_VOXELS - 1) / MAX_SLAB_VOXELS);
        return (int) Math.min(needed, grid.nx());
    }

    private void carve(final StepInput input, final List<TaskOutcome> masks, final int slabs, final Consumer consumer) {
        final List<TaskOutcome> outcomes;
        try {
            outcomes = await(input, submitCarves(input, masks, slabs));
        } catch (final NoRoomException e) {
            final int more = Math.min(MORE_SLABS * slabs, input.carve().grid().nx());
            if (more == slabs) {
                throw new DragonException(e.getMessage() + ": choose larger voxels.");
            }
            carve(input, masks, more, consumer);
            return;
        }
        try {
            final CarveStep result = new CarveStep(input.carve());
            outcomes.forEach(outcome -> add(input, result, outcome, consumer));
            consumer.onStep(input, result);
        } finally {
            CloseHelper.quietCloseAll(outcomes);
        }
    }

    private void add(
            final StepInput input, final CarveStep result, final TaskOutcome outcome, final Consumer consumer) {
        inline.wrap(outcome.inlineResult());
        VoxelFrame frame = null;
        if (!outcome.outputs().isEmpty()) {
            final FrameLease lease = outcome.outputs().get(0);
            frame = voxels.wrap(lease.buffer(), 0, lease.ref().length());
            consumer.onVoxels(input, frame);
        }
        result.add(CarveResult.decode(inline, 0, inline.capacity()), frame);
    }

    /** Outcomes of all of a step's tasks of one kind, which the caller closes. */
    private List<TaskOutcome> await(final StepInput input, final List<TaskHandle> tasks) {
        final List<TaskOutcome> outcomes = new ArrayList<>();
        RuntimeException fault = null;
        for (final TaskHandle task : tasks) {
            final TaskOutcome outcome = await(task);
            if (outcome == null) {
                fault = stopped.getAsBoolean()
                        ? new DragonException("Stopped.")
                        : new DragonException(
                                DragonException.TIMED_OUT,
                                "Step " + input.step() + " was not done within " + STEP_TIMEOUT.toMinutes()
                                        + " minutes.");
                break;
            }
            outcomes.add(outcome);
            if (fault == null && !outcome.isCompleted()) {
                final String why = "Step " + input.step() + " failed: " + outcome.reason() + " " + outcome.errorText();
                fault = outcome.reason() == Reason.NO_OUTPUT_SLOT ? new NoRoomException(why) : new DragonException(why);
            }
        }
        if (fault != null) {
            CloseHelper.quietCloseAll(outcomes);
            throw fault;
        }
        return outcomes;
    }

    /** The outcome; null when it did not come in time or somebody wants this to end. */
    private TaskOutcome await(final TaskHandle task) {
        final long deadlineNs = System.nanoTime() + STEP_TIMEOUT.toNanos();
        TaskOutcome outcome = null;
        while (outcome == null && !stopped.getAsBoolean() && System.nanoTime() - deadlineNs < 0) {
            outcome = task.await(STOP_CHECK);
        }
        return outcome;
    }

    @Override
    public void close() {
        CloseHelper.closeAll(publisher, client, dragon);
    }
}
