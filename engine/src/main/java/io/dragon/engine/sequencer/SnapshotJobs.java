package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.RecordWriter.flag;

import io.dragon.codecs.snapshot.SnapshotJobDecoder;
import io.dragon.codecs.snapshot.SnapshotJobEncoder;
import io.dragon.codecs.snapshot.SnapshotStepDecoder;
import io.dragon.codecs.snapshot.SnapshotStepEncoder;

/** The records of the camera jobs and of their steps. */
final class SnapshotJobs {
    private final Core core;
    private final RecordWriter out;

    SnapshotJobs(final Core core, final RecordWriter out) {
        this.core = core;
        this.out = out;
    }

    void write() {
        for (final Job job : core.jobs.all) {
            write(job);
        }
    }

    /** Behind the tasks that they wait for. */
    void writeSteps() {
        for (final Job job : core.jobs.all) {
            writeSteps(job);
        }
    }

    private void write(final Job job) {
        final SnapshotJobEncoder encoder = new SnapshotJobEncoder();
        encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                .jobId(job.id)
                .frameTypeId(job.frameType.id)
                .stepTypeId(job.stepType == null ? 0 : job.stepType.id)
                .historyDepth((short) job.depth)
                .priority((short) job.priority)
                .flags((short) job.flags)
                .closing(flag(job.closing))
                .slabs(job.slabs)
                .pairSkewNs(job.pairSkewNs)
                .stepDeadlineMs(job.stepDeadlineMs)
                .steps(job.steps)
                .stepsIncomplete(job.stepsIncomplete)
                .framesAccepted(job.framesAccepted)
                .framesRefused(job.framesRefused)
                .highestClosedStep(job.highestClosedStep)
                .newestStep(job.newestStep)
                .overloadedStep(job.overloadedStep);
        final SnapshotJobEncoder.CamerasEncoder cameras = encoder.camerasCount(job.cameras.length);
        int remembered = 0;
        for (final JobCamera camera : job.cameras) {
            cameras.next().cameraId(camera.camera.id).pair(camera.pair).lastStep(camera.lastStep);
            for (final long step : camera.historySteps) {
                remembered += step >= 0 ? 1 : 0;
            }
        }
        final SnapshotJobEncoder.HistoryEncoder history = encoder.historyCount(remembered);
        for (final JobCamera camera : job.cameras) {
            for (int i = 0; i < camera.historySteps.length; i++) {
                if (camera.historySteps[i] >= 0) {
                    history.next().camera(camera.index).step(camera.historySteps[i]);
                    SnapshotFrames.put(history.frame(), camera.history, i);
                }
            }
        }
        final int inputs = job.inputs.length / Task.REF;
        final SnapshotJobEncoder.InputsEncoder frames = encoder.inputsCount(inputs);
        for (int i = 0; i < inputs; i++) {
            SnapshotFrames.put(frames.next().frame(), job.inputs, i);
        }
        encoder.putFrameParameters(job.frameParameters, 0, job.frameParameters.length)
                .putStepParameters(job.stepParameters, 0, job.stepParameters.length);
        out.commit(encoder.limit());
    }

    void job(final SnapshotJobDecoder record) {
        final long id = record.jobId();
        final Job job = new Job(id, core.parties.get(Tasks.partyOf(id)));
        job.frameType = core.types.get(record.frameTypeId());
        job.stepType = core.types.get(record.stepTypeId());
        job.depth = record.historyDepth();
        job.priority = record.priority();
        job.flags = record.flags();
        job.closing = record.closing() != 0;
        job.slabs = record.slabs();
        job.pairSkewNs = record.pairSkewNs();
        job.stepDeadlineMs = record.stepDeadlineMs();
        job.steps = record.steps();
        job.stepsIncomplete = record.stepsIncomplete();
        job.framesAccepted = record.framesAccepted();
        job.framesRefused = record.framesRefused();
        job.highestClosedStep = record.highestClosedStep();
        job.newestStep = record.newestStep();
        job.overloadedStep = record.overloadedStep();
        final SnapshotJobDecoder.CamerasDecoder cameras = record.cameras();
        job.cameras = new JobCamera[cameras.count()];
        for (int i = 0; i < job.cameras.length; i++) {
            cameras.next();
            final Party camera = core.parties.get((int) cameras.cameraId());
            job.cameras[i] = new JobCamera(camera, i, cameras.pair(), job.depth - 1);
            job.cameras[i].lastStep = cameras.lastStep();
            if (!job.closing) {
                camera.job = job;
                camera.jobCamera = job.cameras[i];
            }
        }
        for (final SnapshotJobDecoder.HistoryDecoder history : record.history()) {
            final JobCamera camera = job.cameras[history.camera()];
            int place = 0;
            while (camera.historySteps[place] >= 0) {
                place++;
            }
            camera.historySteps[place] = history.step();
            SnapshotFrames.get(history.frame(), camera.history, place);
        }
        final SnapshotJobDecoder.InputsDecoder inputs = record.inputs();
        job.inputs = new byte[inputs.count() * Task.REF];
        for (int i = 0; inputs.hasNext(); i++) {
            SnapshotFrames.get(inputs.next().frame(), job.inputs, i);
        }
        job.frameParameters = new byte[record.frameParametersLength()];
        record.getFrameParameters(job.frameParameters, 0, job.frameParameters.length);
        job.stepParameters = new byte[record.stepParametersLength()];
        record.getStepParameters(job.stepParameters, 0, job.stepParameters.length);
        core.jobs.add(job);
    }

    private void writeSteps(final Job job) {
        for (final long number : Sorted.keys(job.open)) {
            final Step step = job.open.get(number);
            if (step.isSealed) {
                write(step);
            }
        }
        for (Step step = job.collectingFirst; step != null; step = step.next) {
            write(step);
        }
    }

    private void write(final Step step) {
        final SnapshotStepEncoder encoder = new SnapshotStepEncoder();
        encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                .jobId(step.job.id)
                .step(step.number)
                .firstMs(step.firstMs)
                .arrivedBits(Integer.toUnsignedLong(step.arrivedBits))
                .includedBits(Integer.toUnsignedLong(step.includedBits))
                .isSealed(flag(step.isSealed))
                .ran(flag(step.ran))
                .openParts(step.openParts);
        final SnapshotStepEncoder.MasksEncoder masks = encoder.masksCount(Integer.bitCount(step.arrivedBits));
        for (int bits = step.arrivedBits; bits != 0; bits &= bits - 1) {
            final int camera = Integer.numberOfTrailingZeros(bits);
            masks.next().camera(camera).taskId(step.masks[camera].id).captureEpochNs(step.captureEpochNs[camera]);
        }
        out.commit(encoder.limit());
    }

    void step(final SnapshotStepDecoder record) {
        final Job job = core.jobs.get(record.jobId());
        final Step step = core.jobs.steps.blank();
        step.number = record.step();
        step.firstMs = record.firstMs();
        step.arrivedBits = (int) record.arrivedBits();
        step.includedBits = (int) record.includedBits();
        step.isSealed = record.isSealed() != 0;
        step.ran = record.ran() != 0;
        step.openParts = (int) record.openParts();
        for (final SnapshotStepDecoder.MasksDecoder mask : record.masks()) {
            final Task task = core.tasks.table.get(mask.taskId());
            task.step = step;
            task.pinned = true;
            step.masks[mask.camera()] = task;
            step.captureEpochNs[mask.camera()] = mask.captureEpochNs();
        }
        core.jobs.steps.enter(job, step);
    }
}
