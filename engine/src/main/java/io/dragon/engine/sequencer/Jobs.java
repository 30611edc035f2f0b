package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AssignTaskEncoder;
import io.dragon.codecs.control.FramePublishedDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterJobDecoder;
import java.util.ArrayList;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/** Jobs: their registration, the frames that come for them, and their end. Steps are assembled by {@link Steps}. */
final class Jobs {
    private static final int MAX_JOBS = 1_024;
    static final int MAX_JOBS_OF_CLIENT = 64;

    /** A step further from the others than this is a mistake, unless most cameras make it. */
    static final long FAR = 1L << 20;

    static final int DELIVER_FRAME_RESULTS = 1;
    private static final int MAX_DEPTH = 8;
    private static final int MAX_SLABS = 4_096;
    private static final long MADE_BY_JOB = 1L << 39;

    private final Core core;
    private final Long2ObjectHashMap<Job> byId = new Long2ObjectHashMap<>();

    /** By id. */
    final ArrayList<Job> all = new ArrayList<>();

    final Steps steps;

    Jobs(final Core core) {
        this.core = core;
        steps = new Steps(core, this);
    }

    Job get(final long id) {
        return byId.get(id);
    }

    void register(final Party client, final long seq, final RegisterJobDecoder command, final DirectBuffer buffer) {
        final Job job = new Job(Tasks.id(client.id, seq), client);
        job.frameType = core.types.get(command.frameTypeId());
        job.stepType = core.types.get(command.stepTypeId());
        job.depth = command.historyDepth();
        job.slabs = command.slabs();
        job.priority = command.priority();
        job.flags = command.flags().deliverFrameResults() ? DELIVER_FRAME_RESULTS : 0;
        job.pairSkewNs = command.pairSkewNs();
        job.stepDeadlineMs = command.stepDeadlineMs();
        final boolean hasSteps = command.stepTypeId() != 0 || job.slabs != 0;
        Reason refusal = Reason.NONE;
        if (job.frameType == null || (hasSteps && job.stepType == null)) {
            refusal = Reason.UNKNOWN_TASK_TYPE;
        } else if (job.depth < 1
                || job.depth > MAX_DEPTH
                || job.priority >= TaskType.PRIORITIES
                || job.pairSkewNs < 0
                || (hasSteps && (job.slabs < 1 || job.slabs > MAX_SLABS))) {
            refusal = Reason.MALFORMED;
        } else if (all.size() >= MAX_JOBS || client.jobs >= MAX_JOBS_OF_CLIENT) {
            refusal = Reason.TABLE_FULL;
        }
        final Reason badCameras = takeCameras(job, command);
        if (refusal == Reason.NONE) {
            refusal = badCameras;
        }
        if (refusal == Reason.NONE && Steps.cost(job) > core.config.taskCapacity) {
            refusal = Reason.TABLE_FULL; // Its first step would wait for ever.
        }
        final RegisterJobDecoder.InputsDecoder inputs = command.inputs();
        final int stride = inputs.actingBlockLength();
        final int count = inputs.count();
        final int first = command.limit();
        command.limit(first + count * stride);
        job.frameParameters = new byte[command.frameParametersLength()];
        command.getFrameParameters(job.frameParameters, 0, job.frameParameters.length);
        job.stepParameters = new byte[command.stepParametersLength()];
        command.getStepParameters(job.stepParameters, 0, job.stepParameters.length);
        if (refusal == Reason.NONE && !fits(job, count)) {
            refusal = Reason.TOO_MANY_INPUTS;
        }
        job.inputs = new byte[count * Task.REF];
        int held = 0;
        while (refusal == Reason.NONE && held < count) {
            buffer.getBytes(first + held * stride, job.inputs, held * Task.REF, Task.REF);
            if (core.frames.hold(buffer, first + held * stride)) {
                held++;
            } else {
                refusal = Reason.INPUT_LOST;
            }
        }
        if (refusal == Reason.NONE) {
            add(job);
            for (final JobCamera camera : job.cameras) {
                camera.camera.job = job;
                camera.camera.jobCamera = camera;
                camera.camera.lastStep = -1;
            }
            final Outgoing started = core.egress.outgoing(Outgoing.JOB_STARTED);
            started.subject = job.id;
            core.egress.add(client, started);
        } else {
            core.frames.release(job.inputs, held);
            for (int i = held; i < count; i++) {
                core.frames.refuse(buffer, first + i * stride, refusal.value());
            }
            refuse(client, job.id, refusal);
        }
    }

    void refuse(final Party client, final long jobId, final Reason reason) {
        final Outgoing closed = core.egress.outgoing(Outgoing.JOB_CLOSED);
        closed.subject = jobId;
        closed.reason = reason.value();
        core.egress.add(client, closed);
    }

    private Reason takeCameras(final Job job, final RegisterJobDecoder command) {
        final RegisterJobDecoder.CamerasDecoder cameras = command.cameras();
        final int count = cameras.count();
        Reason refusal = count < 1 || count > Job.MAX_CAMERAS ? Reason.MALFORMED : Reason.NONE;
        job.cameras = new JobCamera[count];
        for (int i = 0; i < count; i++) {
            cameras.next();
            final Party camera = core.parties.get((int) cameras.cameraId());
            if (camera == null || camera.kind != Party.CAMERA) {
                refusal = refusal == Reason.NONE ? Reason.UNKNOWN_CAMERA : refusal;
            } else if (camera.job != null || contains(job, camera, i)) {
                refusal = refusal == Reason.NONE ? Reason.CAMERA_IN_USE : refusal;
            }
            final int places = Math.max(0, Math.min(MAX_DEPTH, job.depth) - 1);
            job.cameras[i] = new JobCamera(camera, i, cameras.pair(), places);
        }
        return refusal;
    }

    private static boolean contains(final Job job, final Party camera, final int count) {
        for (int i = 0; i < count; i++) {
            if (job.cameras[i].camera == camera) {
                return true;
            }
        }
        return false;
    }

    /** Whether assignments of the job, with one output a camera, are small enough for a message. */
    private static boolean fits(final Job job, final int inputs) {
        final int fixed = 8 + AssignTaskEncoder.BLOCK_LENGTH + 4 + 2;
        final int each = AssignTaskEncoder.InputsEncoder.sbeBlockLength();
        final int perStep = inputs + job.cameras.length;
        return perStep <= Inputs.MOST
                && fixed + job.depth * each + job.frameParameters.length <= Sequencer.MAX_MESSAGE_LENGTH
                && fixed + perStep * each + job.stepParameters.length <= Sequencer.MAX_MESSAGE_LENGTH
                && job.frameParameters.length <= Tasks.MAX_PARAMETERS
                && job.stepParameters.length <= Tasks.MAX_PARAMETERS;
    }

    void add(final Job job) {
        byId.put(job.id, job);
        int index = all.size();
        while (index > 0 && Long.compareUnsigned(all.get(index - 1).id, job.id) > 0) {
            index--;
        }
        all.add(index, job);
        job.client.jobs++;
        for (final JobCamera camera : job.cameras) {
            camera.camera.jobs++;
        }
    }

    // ---- frames

    void publish(final Party camera, final FramePublishedDecoder command, final DirectBuffer buffer) {
        final int at = command.frame().offset();
        final long step = command.step();
        camera.lastStep = step;
        if (!core.frames.isOwnedBy(camera, command.frame().poolId())) {
            refuseFrame(camera);
            core.frames.giveBack(camera, buffer, at);
            return;
        }
        final Reason refusal = refusal(camera, step);
        if (refusal != Reason.NONE) {
            refuseFrame(camera);
            core.frames.refuse(buffer, at, refusal.value());
            return;
        }
        if (!core.frames.hold(buffer, at)) {
            refuseFrame(camera);
            core.frames.refuse(buffer, at, Reason.TABLE_FULL.value());
            return;
        }
        camera.job.newestStep = Math.max(camera.job.newestStep, step);
        final Job job = camera.job;
        final JobCamera place = camera.jobCamera;
        final Task task = make(job, job.frameType, Task.PER_FRAME);
        task.payload = core.bytes.take(job.depth * Task.REF);
        core.view.wrap(task.payload);
        core.view.putBytes(0, buffer, at, Task.REF);
        task.inputs = 1;
        takeHistory(place, task, step);
        task.capturedNs = command.capturedNs();
        task.publishedNs = command.publishedNs();
        job.framesAccepted++;
        camera.framesAccepted++;
        core.increment(Counters.FRAMES_ACCEPTED);
        core.counters[Counters.BYTES_ACCEPTED] += command.frame().length();
        place.lastStep = step;
        task.stepNumber = step;
        task.part = place.index;
        task.parts = job.cameras.length;
        steps.arrived(job, task, step, place.index, command.captureEpochNs());
        remember(place, task, step);
        core.tasks.start(task);
        steps.sealIfComplete(job, step);
    }

    /** A task of a job; the caller completes and starts it. */
    Task make(final Job job, final TaskType type, final int kind) {
        final long id = Tasks.id(job.client.id, MADE_BY_JOB | ++job.client.jobTasks);
        final Task task = core.tasks.create(id, job.client, type, kind);
        task.job = job;
        task.priority = job.priority;
        task.maxAttempts = core.config.defaultMaxAttempts;
        return task;
    }

    private void refuseFrame(final Party camera) {
        camera.framesRefused++;
        core.increment(Counters.FRAMES_REFUSED);
        if (camera.job != null) {
            camera.job.framesRefused++;
        }
    }

    static boolean isNear(final long number, final long other) {
        return Math.abs(number - other) <= FAR;
    }

    /**
     * Whether a step number can be meant: it is near the job's newest, or more than half of the living cameras that have told
     * a number tell one near it. Then the job goes on from there.
     */
    private boolean isMeant(final Job job, final long number) {
        if (job.newestStep < 0 || isNear(number, job.newestStep)) {
            return true;
        }
        int told = 0;
        int agreed = 0;
        for (final JobCamera place : job.cameras) {
            if (place.camera.isAlive && place.camera.lastStep >= 0) {
                told++;
                agreed += isNear(number, place.camera.lastStep) ? 1 : 0;
            }
        }
        if (2 * agreed <= told) {
            return false;
        }
        goOnFrom(job, number);
        return true;
    }

    private void goOnFrom(final Job job, final long number) {
        job.newestStep = number;
        job.highestClosedStep = Math.min(job.highestClosedStep, number - 1);
        for (final JobCamera place : job.cameras) {
            if (place.lastStep >= 0 && !isNear(number, place.lastStep)) {
                forgetHistory(place);
            }
        }
    }

    private Reason refusal(final Party camera, final long number) {
        final Job job = camera.job;
        if (job == null) {
            return Reason.NO_JOB;
        }
        if (number < 0) {
            return Reason.LATE_FRAME;
        }
        if (!isMeant(job, number)) {
            return Reason.MALFORMED;
        }
        final JobCamera place = camera.jobCamera;
        final Step step = job.open.get(number);
        if (number == place.lastStep || (step != null && (step.arrivedBits >>> place.index & 1) != 0)) {
            return Reason.DUPLICATE_FRAME;
        }
        final boolean isClosed = step == null ? number <= job.highestClosedStep : step.isSealed;
        if (isClosed || number < place.lastStep) {
            return Reason.LATE_FRAME;
        }
        return step == null && !mayBegin(job, number) ? Reason.OVERLOADED : Reason.NONE;
    }

    /** The other cameras' frames of a step that was refused are refused too: half a step helps nobody. */
    private boolean mayBegin(final Job job, final long number) {
        if (number == job.overloadedStep) {
            return false;
        }
        if (!steps.hasRoom(job)) {
            job.overloadedStep = number;
            if (steps.isTableFull(job)) {
                core.faults.tableFull();
            } else {
                core.faults.shareUsed(job.client);
            }
            return false;
        }
        return true;
    }

    // ---- history: the frames before this one, as long as a frame to come may be compared with them

    private void takeHistory(final JobCamera place, final Task task, final long step) {
        for (int back = 1; back < task.job.depth; back++) {
            core.view.wrap(task.payload);
            core.view.setMemory(back * Task.REF, Task.REF, (byte) 0);
            for (int i = 0; i < place.historySteps.length; i++) {
                if (place.historySteps[i] >= 0 && place.historySteps[i] == step - back) {
                    core.view.putBytes(back * Task.REF, place.history, i * Task.REF, Task.REF);
                    core.frames.hold(core.view, back * Task.REF);
                }
            }
            task.inputs++;
        }
    }

    /** The newest frame comes first; one that no later frame can reach is given back. */
    private void remember(final JobCamera place, final Task task, final long step) {
        final int places = place.historySteps.length;
        for (int i = 0; i < places; i++) {
            if (place.historySteps[i] >= 0 && (i == places - 1 || place.historySteps[i] <= step - places)) {
                forget(place, i);
            }
        }
        if (places > 0) {
            for (int i = places - 1; i > 0; i--) {
                place.historySteps[i] = place.historySteps[i - 1];
                System.arraycopy(place.history, (i - 1) * Task.REF, place.history, i * Task.REF, Task.REF);
            }
            place.historySteps[0] = step;
            System.arraycopy(task.payload, 0, place.history, 0, Task.REF);
            core.view.wrap(place.history);
            core.frames.hold(core.view, 0);
        }
    }

    private void forget(final JobCamera place, final int index) {
        place.historySteps[index] = -1;
        core.view.wrap(place.history);
        core.frames.release(core.view, index * Task.REF);
    }

    private void forgetHistory(final JobCamera place) {
        for (int i = 0; i < place.historySteps.length; i++) {
            if (place.historySteps[i] >= 0) {
                forget(place, i);
            }
        }
        place.lastStep = -1;
    }

    void cameraGone(final Party camera) {
        if (camera.job != null) {
            forgetHistory(camera.jobCamera);
        }
    }

    // ---- the end

    void close(final Party client, final long jobId) {
        final Job job = byId.get(jobId);
        if (job != null && job.client == client && !job.closing) {
            close(job);
        }
    }

    private void close(final Job job) {
        job.closing = true;
        for (final JobCamera place : job.cameras) {
            if (place.camera.job == job) {
                place.camera.job = null;
                place.camera.jobCamera = null;
            }
            forgetHistory(place);
        }
        steps.sealAll(job);
        endIfDone(job);
    }

    void clientGone(final Party client) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (i < all.size() && all.get(i).client == client && !all.get(i).closing) {
                close(all.get(i));
            }
        }
    }

    void endIfDone(final Job job) {
        if (!job.closing || !job.open.isEmpty() || byId.get(job.id) != job) {
            return;
        }
        byId.remove(job.id);
        all.remove(job);
        job.client.jobs--;
        for (final JobCamera place : job.cameras) {
            place.camera.jobs--;
        }
        core.frames.release(job.inputs, job.inputs.length / Task.REF);
        final Outgoing closed = core.egress.outgoing(Outgoing.JOB_CLOSED);
        closed.subject = job.id;
        closed.a = job.steps;
        closed.b = job.stepsIncomplete;
        closed.c = job.framesAccepted;
        closed.d = job.framesRefused;
        core.egress.add(job.client, closed);
    }

    void onTaskEnded(final Task task) {
        steps.onTaskEnded(task);
    }
}
