package io.dragon.engine.client;

import io.dragon.codecs.control.AllocateCamerasEncoder;
import io.dragon.codecs.control.CancelTaskEncoder;
import io.dragon.codecs.control.CloseJobEncoder;
import io.dragon.codecs.control.FramePublishedEncoder;
import io.dragon.codecs.control.FrameRefEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.OptimizeRoutesEncoder;
import io.dragon.codecs.control.RegisterJobEncoder;
import io.dragon.codecs.control.RegisterPoolEncoder;
import io.dragon.codecs.control.RegisterTaskTypeEncoder;
import io.dragon.codecs.control.SubmitTaskEncoder;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Encodes the commands of a client and of its cameras; the session fills in the sender. One thread. */
final class Commands {
    /** Longest command with its header, bytes. */
    static final int MAX_LENGTH = 1344;

    /** Most cameras of one allocation: what fits into the answer. */
    static final int MAX_ALLOCATION = 160;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final SubmitTaskEncoder submitTask = new SubmitTaskEncoder();
    private final CancelTaskEncoder cancelTask = new CancelTaskEncoder();
    private final RegisterTaskTypeEncoder registerTaskType = new RegisterTaskTypeEncoder();
    private final RegisterPoolEncoder registerPool = new RegisterPoolEncoder();
    private final FramePublishedEncoder framePublished = new FramePublishedEncoder();
    private final RegisterJobEncoder registerJob = new RegisterJobEncoder();
    private final AllocateCamerasEncoder allocateCameras = new AllocateCamerasEncoder();
    private final OptimizeRoutesEncoder optimizeRoutes = new OptimizeRoutesEncoder();
    private final CloseJobEncoder closeJob = new CloseJobEncoder();

    static void checkLength(final TaskRequest request) {
        final int length = length(request);
        if (length > MAX_LENGTH) {
            throw new DragonException("a task of " + request.dependencyCount() + " dependencies, "
                    + request.inputs().size()
                    + " inputs and " + request.parameters().capacity() + " bytes of parameters takes " + length
                    + " bytes as a message and " + MAX_LENGTH + " is the limit: give the parameters as an input");
        }
    }

    static int length(final TaskRequest request) {
        return MessageHeaderEncoder.ENCODED_LENGTH
                + SubmitTaskEncoder.BLOCK_LENGTH
                + 2 * 4
                + request.dependencyCount() * 8
                + request.inputs().size() * FrameRefEncoder.ENCODED_LENGTH
                + 2
                + request.parameters().capacity();
    }

    static void frameRef(final FrameRefEncoder encoder, final FrameRef ref) {
        encoder.poolId(ref.poolId()).sequence(ref.sequence()).slot(ref.slot()).length(ref.length());
    }

    int submitTask(
            final MutableDirectBuffer buffer,
            final int offset,
            final TaskRequest request,
            final int typeId,
            final long submittedNs,
            final FrameRef[] staged) {
        submitTask
                .wrapAndApplyHeader(buffer, offset, header)
                .typeId(typeId)
                .priority((short) request.priority())
                .maxAttempts((short) request.attempts())
                .deadlineMs(request.deadlineMs())
                .memoryBytes(request.memoryBytes());
        submitTask.flags().clear().optionalDependencies(request.optionalDependencies());
        submitTask
                .stamps()
                .capturedNs(request.capturedNs())
                .publishedNs(request.publishedNs())
                .submittedNs(submittedNs)
                .sequencedNs(0)
                .assignedNs(0);
        final SubmitTaskEncoder.DependenciesEncoder dependencies =
                submitTask.dependenciesCount(request.dependencyCount());
        for (int i = 0; i < request.dependencyCount(); i++) {
            dependencies.next().taskId(request.dependency(i));
        }
        final SubmitTaskEncoder.InputsEncoder inputs =
                submitTask.inputsCount(request.inputs().size());
        for (int i = 0; i < request.inputs().size(); i++) {
            final FrameRef own = request.inputs().frame(i);
            frameRef(inputs.next().frame(), own != null ? own : staged[i]);
        }
        final DirectBuffer parameters = request.parameters();
        submitTask.putParameters(parameters, 0, parameters.capacity());
        return MessageHeaderEncoder.ENCODED_LENGTH + submitTask.encodedLength();
    }

    /** A task id of 0 names no task: such a command only uses up its number. */
    int cancelTask(final MutableDirectBuffer buffer, final int offset, final long taskId) {
        cancelTask.wrapAndApplyHeader(buffer, offset, header).taskId(taskId);
        return MessageHeaderEncoder.ENCODED_LENGTH + cancelTask.encodedLength();
    }

    int registerTaskType(final MutableDirectBuffer buffer, final int offset, final String name) {
        registerTaskType.wrapAndApplyHeader(buffer, offset, header).name(name);
        return MessageHeaderEncoder.ENCODED_LENGTH + registerTaskType.encodedLength();
    }

    int registerPool(final MutableDirectBuffer buffer, final int offset, final FramePool pool) {
        registerPool
                .wrapAndApplyHeader(buffer, offset, header)
                .poolId(pool.poolId())
                .slotCount(pool.slotCount())
                .slotLength(pool.slotLength());
        return MessageHeaderEncoder.ENCODED_LENGTH + registerPool.encodedLength();
    }

    FramePublishedEncoder framePublished(final MutableDirectBuffer buffer, final int offset) {
        return framePublished.wrapAndApplyHeader(buffer, offset, header);
    }

    int framePublishedLength() {
        return MessageHeaderEncoder.ENCODED_LENGTH + framePublished.encodedLength();
    }

    int registerJob(
            final MutableDirectBuffer buffer,
            final int offset,
            final JobSpec spec,
            final int frameTypeId,
            final int stepTypeId,
            final FrameRef[] staged) {
        registerJob
                .wrapAndApplyHeader(buffer, offset, header)
                .frameTypeId(frameTypeId)
                .historyDepth((short) spec.historyDepth())
                .stepTypeId(stepTypeId)
                .slabs(spec.slabs())
                .priority((short) spec.priority())
                .pairSkewNs(spec.pairSkewNs())
                .stepDeadlineMs(spec.stepDeadlineMs());
        registerJob.flags().clear().deliverFrameResults(spec.deliversFrameResults());
        final RegisterJobEncoder.CamerasEncoder cameras = registerJob.camerasCount(spec.cameraCount());
        for (int i = 0; i < spec.cameraCount(); i++) {
            cameras.next().cameraId(spec.cameraId(i)).pair(spec.pair(i));
        }
        final RegisterJobEncoder.InputsEncoder inputs =
                registerJob.inputsCount(spec.inputs().size());
        for (int i = 0; i < spec.inputs().size(); i++) {
            final FrameRef own = spec.inputs().frame(i);
            frameRef(inputs.next().frame(), own != null ? own : staged[i]);
        }
        registerJob.putFrameParameters(
                spec.frameParameters(), 0, spec.frameParameters().capacity());
        registerJob.putStepParameters(
                spec.stepParameters(), 0, spec.stepParameters().capacity());
        return MessageHeaderEncoder.ENCODED_LENGTH + registerJob.encodedLength();
    }

    int allocateCameras(
            final MutableDirectBuffer buffer,
            final int offset,
            final long correlationId,
            final Map<Integer, Integer> pairs) {
        allocateCameras.wrapAndApplyHeader(buffer, offset, header).correlationId(correlationId);
        final AllocateCamerasEncoder.CamerasEncoder cameras = allocateCameras.camerasCount(pairs.size());
        pairs.forEach((camera, pair) -> cameras.next().cameraId(camera).pair(pair));
        return MessageHeaderEncoder.ENCODED_LENGTH + allocateCameras.encodedLength();
    }

    int optimizeRoutes(final MutableDirectBuffer buffer, final int offset, final long correlationId) {
        optimizeRoutes.wrapAndApplyHeader(buffer, offset, header).correlationId(correlationId);
        return MessageHeaderEncoder.ENCODED_LENGTH + optimizeRoutes.encodedLength();
    }

    int closeJob(final MutableDirectBuffer buffer, final int offset, final long jobId) {
        closeJob.wrapAndApplyHeader(buffer, offset, header).jobId(jobId);
        return MessageHeaderEncoder.ENCODED_LENGTH + closeJob.encodedLength();
    }
}
