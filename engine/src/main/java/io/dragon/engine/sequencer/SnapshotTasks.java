package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.RecordWriter.flag;

import io.dragon.codecs.snapshot.SnapshotTaskDecoder;
import io.dragon.codecs.snapshot.SnapshotTaskEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;

/** The records of the tasks. */
final class SnapshotTasks {
    private final Core core;
    private final RecordWriter out;
    private final ArrayList<Task> placed = new ArrayList<>();
    private final ArrayList<Task> slabs = new ArrayList<>();

    SnapshotTasks(final Core core, final RecordWriter out) {
        this.core = core;
        this.out = out;
    }

    /** By age, so that a task comes after everything it depends on. */
    void write() {
        final Task[] tasks = core.tasks.table.values().toArray(new Task[0]);
        Arrays.sort(tasks, Comparator.comparingLong(task -> task.age));
        final SnapshotTaskEncoder encoder = new SnapshotTaskEncoder();
        for (final Task task : tasks) {
            write(encoder, task);
        }
    }

    private void write(final SnapshotTaskEncoder encoder, final Task task) {
        final boolean isPlaced = task.parked || task.state == Task.ASSIGNED;
        encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                .taskId(task.id)
                .typeId(task.type == null ? 0 : task.type.id)
                .age(task.age)
                .state((short) task.state)
                .kind((short) task.kind)
                .priority((short) task.priority)
                .optional(flag(task.optional))
                .parked(flag(task.parked))
                .acknowledged(flag(task.acknowledged))
                .reason((short) task.reason)
                .maxAttempts(task.maxAttempts)
                .attempt(task.attempt)
                .failures(task.failures)
                .losses(task.losses)
                .deadlineMs(task.deadlineMs)
                .memoryBytes(task.memoryBytes)
                .jobId(task.job == null ? 0 : task.job.id)
                .step(task.stepNumber)
                .part(task.part)
                .parts(task.parts)
                .cameraBits(Integer.toUnsignedLong(task.cameraBits))
                .inputBytes(task.inputBytes)
                .homeNodeId(Integer.toUnsignedLong(task.homeNodeId))
                .workerId(task.state == Task.ASSIGNED ? task.worker.id : task.workerId)
                .avoidWorkerId(task.avoidWorkerId)
                .place(isPlaced ? task.place : 0)
                .assignEvent(task.state == Task.ASSIGNED ? task.assignEvent : 0)
                .startedMs(task.state == Task.ASSIGNED ? task.startedMs : 0)
                .split(task.split)
                .leastSplit(task.leastSplit)
                .assignedMs(task.state == Task.ASSIGNED ? task.assignedMs : 0)
                .chargedWorkerId(task.chargedWorkerId)
                .chargedReason((short) task.chargedReason)
                .chargedAfter(task.chargedAfter)
                .avoidUntilMs(task.avoidUntilMs)
                .homeBytes(task.homeBytes)
                .lostInputs(task.lostInputs)
                .transferMs(task.transferMs)
                .awaitsHomeMs(task.awaitsHomeMs)
                .prefersHome(flag(task.prefersHome))
                .transferredNs(task.transferredNs);
        encoder.stamps()
                .capturedNs(task.capturedNs)
                .publishedNs(task.publishedNs)
                .submittedNs(task.submittedNs)
                .sequencedNs(0)
                .assignedNs(0);
        encoder.workerStamps()
                .receivedNs(task.receivedNs)
                .startedNs(task.startedNs)
                .finishedNs(task.finishedNs);
        int count = 0;
        for (Edge edge = task.dependencies; edge != null; edge = edge.nextOfDependant) {
            count++;
        }
        final SnapshotTaskEncoder.DependenciesEncoder dependencies = encoder.dependenciesCount(count);
        for (Edge edge = task.dependencies; edge != null; edge = edge.nextOfDependant) {
            dependencies.next().taskId(edge.dependency.id);
        }
        final SnapshotTaskEncoder.InputsEncoder inputs = encoder.inputsCount(task.inputs);
        for (int i = 0; i < task.inputs; i++) {
            SnapshotFrames.put(inputs.next().frame(), task.payload, i);
        }
        final SnapshotTaskEncoder.OutputsEncoder outputs = encoder.outputsCount(task.outputs);
        for (int i = 0; i < task.outputs; i++) {
            SnapshotFrames.put(outputs.next().frame(), task.result, i);
        }
        final int inlineAt = task.outputs * Task.REF;
        encoder.putParameters(task.payload, task.inputs * Task.REF, task.parameters)
                .putInlineResult(task.result, inlineAt, task.inlineLength)
                .putErrorText(task.result, inlineAt + task.inlineLength, task.errorLength);
        out.commit(encoder.limit());
    }

    void task(final SnapshotTaskDecoder record) {
        final Task task = core.tasks.blank();
        task.id = record.taskId();
        task.client = core.parties.get(Tasks.partyOf(task.id));
        task.type = core.types.get(record.typeId());
        task.age = record.age();
        task.state = record.state();
        task.kind = record.kind();
        task.priority = record.priority();
        task.optional = record.optional() != 0;
        task.acknowledged = record.acknowledged() != 0;
        task.reason = record.reason();
        task.maxAttempts = record.maxAttempts();
        task.attempt = record.attempt();
        task.failures = record.failures();
        task.losses = record.losses();
        task.deadlineMs = record.deadlineMs();
        task.memoryBytes = record.memoryBytes();
        task.capturedNs = record.stamps().capturedNs();
        task.publishedNs = record.stamps().publishedNs();
        task.submittedNs = record.stamps().submittedNs();
        task.transferredNs = record.transferredNs();
        task.receivedNs = record.workerStamps().receivedNs();
        task.startedNs = record.workerStamps().startedNs();
        task.finishedNs = record.workerStamps().finishedNs();
        if (record.jobId() != 0) {
            final Job job = core.jobs.get(record.jobId());
            // The job of a task that has ended may be closed already; only its id is still needed.
            task.job = job == null ? new Job(record.jobId(), task.client) : job;
        }
        task.stepNumber = record.step();
        task.part = record.part();
        task.parts = record.parts();
        task.cameraBits = (int) record.cameraBits();
        task.inputBytes = record.inputBytes();
        task.homeNodeId = (int) record.homeNodeId();
        task.avoidWorkerId = (int) record.avoidWorkerId();
        task.place = record.place();
        task.assignEvent = record.assignEvent();
        task.startedMs = record.startedMs();
        task.assignedMs = record.assignedMs();
        task.split = record.split();
        task.leastSplit = record.leastSplit();
        task.chargedWorkerId = (int) record.chargedWorkerId();
        task.chargedReason = record.chargedReason();
        task.chargedAfter = record.chargedAfter();
        task.avoidUntilMs = record.avoidUntilMs();
        task.homeBytes = record.homeBytes();
        task.lostInputs = record.lostInputs();
        task.transferMs = record.transferMs();
        task.awaitsHomeMs = record.awaitsHomeMs();
        task.prefersHome = record.prefersHome() != 0;
        final int workerId = (int) record.workerId();
        final boolean isParked = record.parked() != 0;
        for (final SnapshotTaskDecoder.DependenciesDecoder dependency : record.dependencies()) {
            core.tasks.depend(task, core.tasks.table.get(dependency.taskId()));
        }
        readFrames(task, record);
        core.tasks.enter(task);
        if (!task.isTerminal() && task.deadlineMs != Task.NO_DEADLINE) {
            core.tasks.deadlines.add(task);
        }
        if (task.kind == Task.PER_STEP && !task.isTerminal()) {
            slabs.add(task);
        }
        if (task.state == Task.ASSIGNED) {
            task.worker = core.parties.get(workerId);
            placed.add(task);
        } else {
            task.workerId = workerId;
            if (isParked) {
                task.parked = true;
                placed.add(task);
            } else if (task.state == Task.READY) {
                core.ready.restore(task);
            }
        }
    }

    private void readFrames(final Task task, final SnapshotTaskDecoder record) {
        final byte[] inputs = new byte[Inputs.MOST * Task.REF];
        final byte[] outputs = new byte[Completions.MAX_OUTPUTS * Task.REF];
        for (final SnapshotTaskDecoder.InputsDecoder input : record.inputs()) {
            SnapshotFrames.get(input.frame(), inputs, task.inputs++);
        }
        for (final SnapshotTaskDecoder.OutputsDecoder output : record.outputs()) {
            SnapshotFrames.get(output.frame(), outputs, task.outputs++);
        }
        task.parameters = record.parametersLength();
        final int parametersAt = task.inputs * Task.REF;
        task.payload = core.bytes.take(parametersAt + task.parameters);
        System.arraycopy(inputs, 0, task.payload, 0, parametersAt);
        record.getParameters(task.payload, parametersAt, task.parameters);
        final byte[] inline = new byte[record.inlineResultLength()];
        record.getInlineResult(inline, 0, inline.length);
        final byte[] error = new byte[record.errorTextLength()];
        record.getErrorText(error, 0, error.length);
        task.inlineLength = inline.length;
        task.errorLength = error.length;
        final int inlineAt = task.outputs * Task.REF;
        task.result = core.bytes.take(inlineAt + inline.length + error.length);
        System.arraycopy(outputs, 0, task.result, 0, inlineAt);
        System.arraycopy(inline, 0, task.result, inlineAt, inline.length);
        System.arraycopy(error, 0, task.result, inlineAt + inline.length, error.length);
    }

    /** When everything is there: tasks go back to their workers, to those that wait for one, and to their steps. */
    void place() {
        placed.sort(Comparator.comparingLong(task -> task.place));
        for (final Task task : placed) {
            if (task.parked) {
                task.type.parked.add(task);
                core.locality.parked(task);
            } else {
                task.worker.assign(task);
            }
        }
        for (final Task task : slabs) {
            task.step = task.job.open.get(task.stepNumber);
        }
    }
}
