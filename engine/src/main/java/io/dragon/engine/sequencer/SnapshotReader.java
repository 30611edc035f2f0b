package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.FrameRefDecoder;
import io.dragon.codecs.snapshot.MessageHeaderDecoder;
import io.dragon.codecs.snapshot.SnapshotBeginDecoder;
import io.dragon.codecs.snapshot.SnapshotCountersDecoder;
import io.dragon.codecs.snapshot.SnapshotDeviceDecoder;
import io.dragon.codecs.snapshot.SnapshotEndDecoder;
import io.dragon.codecs.snapshot.SnapshotHoldDecoder;
import io.dragon.codecs.snapshot.SnapshotIncidentDecoder;
import io.dragon.codecs.snapshot.SnapshotJobDecoder;
import io.dragon.codecs.snapshot.SnapshotLinkDecoder;
import io.dragon.codecs.snapshot.SnapshotNodeDecoder;
import io.dragon.codecs.snapshot.SnapshotOutgoingDecoder;
import io.dragon.codecs.snapshot.SnapshotPartyDecoder;
import io.dragon.codecs.snapshot.SnapshotPoolDecoder;
import io.dragon.codecs.snapshot.SnapshotSettingsDecoder;
import io.dragon.codecs.snapshot.SnapshotStepDecoder;
import io.dragon.codecs.snapshot.SnapshotSupervisedDecoder;
import io.dragon.codecs.snapshot.SnapshotTaskDecoder;
import io.dragon.codecs.snapshot.SnapshotTaskTypeDecoder;
import io.dragon.codecs.snapshot.SnapshotWorkerTypeDecoder;
import java.util.ArrayList;
import java.util.Comparator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Builds the state from the records of a snapshot, and proves at the end that it is the one that was written. */
final class SnapshotReader {
    private final Core core;
    private final SnapshotWriter writer;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ArrayList<Task> placed = new ArrayList<>();
    private final ArrayList<Task> slabs = new ArrayList<>();
    private final ArrayList<WorkerType> offered = new ArrayList<>();
    private long records;
    private boolean isDone;

    SnapshotReader(final Core core, final SnapshotWriter writer) {
        this.core = core;
        this.writer = writer;
    }

    boolean read(final DirectBuffer buffer, final int offset, final int length) {
        if (isDone || (records == 0 && core.counters[Counters.COMMANDS] != 0)) {
            throw new IllegalStateException("a snapshot can only be loaded into a new sequencer");
        }
        if (length < MessageHeaderDecoder.ENCODED_LENGTH) {
            throw damaged("a record of " + length + " bytes");
        }
        header.wrap(buffer, offset);
        final int id = header.templateId();
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID) {
            throw damaged("a record of schema " + header.schemaId());
        }
        if (header.version() != MessageHeaderDecoder.SCHEMA_VERSION) {
            throw new IllegalStateException("the snapshot has schema version " + header.version() + ", expected "
                    + MessageHeaderDecoder.SCHEMA_VERSION + ": start this version from a snapshot that it wrote");
        }
        if ((records == 0) != (id == SnapshotBeginDecoder.TEMPLATE_ID)) {
            throw damaged("record " + id + " at place " + records);
        }
        final int at = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        try {
            read(id, buffer, at);
        } catch (final NullPointerException | IndexOutOfBoundsException ex) {
            throw new IllegalStateException(
                    "the snapshot is damaged: record " + id + " at place " + records + " refers to what is not there",
                    ex);
        }
        records++;
        return isDone;
    }

    private void read(final int id, final DirectBuffer buffer, final int at) {
        final int block = header.blockLength();
        final int version = header.version();
        switch (id) {
            case SnapshotBeginDecoder.TEMPLATE_ID -> begin(new SnapshotBeginDecoder().wrap(buffer, at, block, version));
            case SnapshotSettingsDecoder.TEMPLATE_ID -> settings(
                    new SnapshotSettingsDecoder().wrap(buffer, at, block, version));
            case SnapshotCountersDecoder.TEMPLATE_ID -> counters(
                    new SnapshotCountersDecoder().wrap(buffer, at, block, version));
            case SnapshotTaskTypeDecoder.TEMPLATE_ID -> taskType(
                    new SnapshotTaskTypeDecoder().wrap(buffer, at, block, version));
            case SnapshotPartyDecoder.TEMPLATE_ID -> party(new SnapshotPartyDecoder().wrap(buffer, at, block, version));
            case SnapshotWorkerTypeDecoder.TEMPLATE_ID -> workerType(
                    new SnapshotWorkerTypeDecoder().wrap(buffer, at, block, version));
            case SnapshotDeviceDecoder.TEMPLATE_ID -> device(
                    new SnapshotDeviceDecoder().wrap(buffer, at, block, version));
            case SnapshotNodeDecoder.TEMPLATE_ID -> node(new SnapshotNodeDecoder().wrap(buffer, at, block, version));
            case SnapshotLinkDecoder.TEMPLATE_ID -> link(new SnapshotLinkDecoder().wrap(buffer, at, block, version));
            case SnapshotPoolDecoder.TEMPLATE_ID -> pool(new SnapshotPoolDecoder().wrap(buffer, at, block, version));
            case SnapshotHoldDecoder.TEMPLATE_ID -> hold(new SnapshotHoldDecoder().wrap(buffer, at, block, version));
            case SnapshotJobDecoder.TEMPLATE_ID -> job(new SnapshotJobDecoder().wrap(buffer, at, block, version));
            case SnapshotTaskDecoder.TEMPLATE_ID -> task(new SnapshotTaskDecoder().wrap(buffer, at, block, version));
            case SnapshotStepDecoder.TEMPLATE_ID -> step(new SnapshotStepDecoder().wrap(buffer, at, block, version));
            case SnapshotOutgoingDecoder.TEMPLATE_ID -> outgoing(
                    new SnapshotOutgoingDecoder().wrap(buffer, at, block, version));
            case SnapshotIncidentDecoder.TEMPLATE_ID -> incident(
                    new SnapshotIncidentDecoder().wrap(buffer, at, block, version));
            case SnapshotSupervisedDecoder.TEMPLATE_ID -> supervised(
                    new SnapshotSupervisedDecoder().wrap(buffer, at, block, version));
            case SnapshotEndDecoder.TEMPLATE_ID -> end(new SnapshotEndDecoder().wrap(buffer, at, block, version));
            default -> throw damaged("record " + id + " is not known");
        }
    }

    private static IllegalStateException damaged(final String what) {
        return new IllegalStateException("the snapshot is damaged: " + what);
    }

    private static void begin(final SnapshotBeginDecoder record) {
        if (record.appVersion() != Sequencer.APP_VERSION) {
            throw new IllegalStateException("the snapshot was written by version " + record.appVersion()
                    + " of the sequencer's logic, this is version " + Sequencer.APP_VERSION
                    + ": run all masters with one version");
        }
    }

    private void settings(final SnapshotSettingsDecoder record) {
        final byte[] message = new byte[record.messageLength()];
        record.getMessage(message, 0, message.length);
        final SequencerConfig settings = Settings.decode(new UnsafeBuffer(message), 0, message.length);
        if (settings == null) {
            throw damaged("its settings contradict each other");
        }
        core.config = settings;
        core.incidents.onSettings();
    }

    private void counters(final SnapshotCountersDecoder record) {
        int index = 0;
        for (final SnapshotCountersDecoder.ValuesDecoder value : record.values()) {
            core.counters[index++] = value.value();
        }
    }

    private void taskType(final SnapshotTaskTypeDecoder record) {
        final long id = record.typeId();
        final Execution execution = new Execution();
        execution.samples = record.samples();
        execution.meanNs = record.meanNs();
        execution.deviationNs = record.deviationNs();
        execution.meanBytes = record.meanBytes();
        final TaskType type = core.types.add(record.name());
        if (type.id != id) {
            throw damaged("task type " + id + " at place " + type.id);
        }
        copy(execution, type.execution);
    }

    private static void copy(final Execution from, final Execution to) {
        to.samples = from.samples;
        to.meanNs = from.meanNs;
        to.deviationNs = from.deviationNs;
        to.meanBytes = from.meanBytes;
    }

    private void party(final SnapshotPartyDecoder record) {
        final long[] served = new long[TaskType.PRIORITIES];
        int turns = 0;
        for (final SnapshotPartyDecoder.ServedDecoder turn : record.served()) {
            served[turns++] = turn.turn();
        }
        final Party party = new Party((int) record.partyId(), record.kind(), record.name());
        party.host = record.host();
        party.device = record.device();
        System.arraycopy(served, 0, party.served, 0, turns);
        party.suspect = record.suspect() != 0;
        party.hasLeft = record.hasLeft() != 0;
        party.lagBackoff = record.lagBackoff();
        party.incarnation = (int) record.incarnation();
        party.nodeId = (int) record.nodeId();
        party.window = (int) record.window();
        party.correlationId = record.correlationId();
        party.processId = record.processId();
        party.memoryBytes = record.memoryBytes();
        party.lastSeq = record.lastSeq();
        party.lastEvent = record.lastEvent();
        party.acknowledgedEvent = record.acknowledgedEvent();
        party.heardMs = record.heardMs();
        party.ackSentSeq = record.ackSentSeq();
        party.ackSentMs = record.ackSentMs();
        party.refusedSeq = record.refusedSeq();
        party.refusedMs = record.refusedMs();
        party.lagSinceMs = record.lagSinceMs();
        party.progress = record.progress();
        party.errors = record.errors();
        party.dropped = record.dropped();
        party.freeBytes = record.freeBytes();
        party.erredMs = record.erredMs();
        party.completed = record.completed();
        party.failed = record.failed();
        party.execution.meanNs = record.meanNs();
        party.execution.samples = party.completed;
        party.framesAccepted = record.framesAccepted();
        party.framesRefused = record.framesRefused();
        party.lastStep = record.lastStep();
        party.lastWorkerId = (int) record.lastWorkerId();
        party.allocatedNodeId = (int) record.allocatedNodeId();
        party.pairedWith = (int) record.pairedWith();
        party.jobTasks = record.jobTasks();
        party.base = record.resumeBase();
        party.previousBase = record.previousBase();
        party.drained = record.drained() != 0;
        party.probing = record.probing() != 0;
        party.probeBackoff = record.probeBackoff();
        party.failuresInARow = (int) record.failuresInARow();
        party.successesInARow = (int) record.successesInARow();
        party.drainedMs = record.drainedMs();
        party.probeMs = record.probeMs();
        party.hungMs = record.hungMs();
        party.killAskedMs = record.killAskedMs();
        core.parties.enter(party);
        if (party.hungMs >= 0) {
            core.hung.enter(party);
        }
        if (record.alive() != 0) {
            core.parties.live(party);
        }
        core.egress.owe(party);
    }

    private void workerType(final SnapshotWorkerTypeDecoder record) {
        final Party worker = core.parties.get((int) record.workerId());
        final WorkerType type = new WorkerType(worker, core.types.get(record.typeId()));
        type.execution.samples = record.samples();
        type.execution.meanNs = record.meanNs();
        type.execution.deviationNs = record.deviationNs();
        type.split = record.split();
        type.splitSuccesses = (int) record.splitSuccesses();
        type.splitPatience = (int) record.splitPatience();
        type.execution.meanBytes = record.meanBytes();
        type.credit(record.credit());
        type.typeSamples = record.typeSamples();
        type.loadedStamp = record.stamp();
        worker.types.add(type);
        if (worker.isUsable()) {
            type.type.usable++;
        }
        if (type.loadedStamp != 0) {
            offered.add(type);
        }
    }

    private void device(final SnapshotDeviceDecoder record) {
        final Party worker = core.parties.get((int) record.workerId());
        final DeviceTold told = new DeviceTold();
        told.state = record.state();
        told.sinceMs = record.sinceMs();
        int index = 0;
        for (final SnapshotDeviceDecoder.FactsDecoder fact : record.facts()) {
            told.facts[index++] = fact.value();
        }
        told.textLength = record.getText(told.text, 0, told.text.length);
        worker.told = told;
    }

    private void node(final SnapshotNodeDecoder record) {
        final NodePlace place = new NodePlace(record.place(), core.parties.get((int) record.partyId()));
        place.cores = record.cores();
        place.cpuPermille = record.cpuPermille();
        place.transportPort = record.transportPort();
        place.probePort = record.probePort();
        int index = 0;
        for (final SnapshotNodeDecoder.FactsDecoder fact : record.facts()) {
            place.facts[index++] = fact.value();
        }
        place.addresses = new byte[record.addressesLength()];
        record.getAddresses(place.addresses, 0, place.addresses.length);
        core.topology.enter(place);
        core.topology.alive += place.node.isAlive ? 1 : 0;
    }

    private void link(final SnapshotLinkDecoder record) {
        final Link link = core.topology.places[record.fromPlace()].link(record.toPlace());
        link.hop = record.hop();
        link.state = record.state();
        link.address = record.address();
        link.lossPermille = record.lossPermille();
        link.roundTripNs = record.roundTripNs();
        link.bytesPerSecond = record.bytesPerSecond();
        link.countedNs = record.countedNs();
        link.sinceMs = record.sinceMs();
        link.spikeNs = record.spikeNs();
        link.usualNs = record.usualNs();
    }

    private void pool(final SnapshotPoolDecoder record) {
        final Pool pool = new Pool(
                record.poolId(),
                core.parties.get((int) record.ownerId()),
                (int) record.ownerIncarnation(),
                (int) record.slotCount(),
                record.slotLength());
        pool.orphanedBy = (int) record.orphanedBy();
        pool.nodeId = (int) record.nodeId();
        core.frames.add(pool);
    }

    private void hold(final SnapshotHoldDecoder record) {
        final FrameRefDecoder frame = record.frame();
        final long key = Pool.key(frame.sequence(), (int) frame.slot());
        core.frames.pools.get(frame.poolId()).holds.put(key, frame.length() << 32 | record.count());
    }

    private static void get(final FrameRefDecoder frame, final byte[] references, final int index) {
        frame.buffer().getBytes(frame.offset(), references, index * Task.REF, Task.REF);
    }

    private void job(final SnapshotJobDecoder record) {
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
            get(history.frame(), camera.history, place);
        }
        final SnapshotJobDecoder.InputsDecoder inputs = record.inputs();
        job.inputs = new byte[inputs.count() * Task.REF];
        for (int i = 0; inputs.hasNext(); i++) {
            get(inputs.next().frame(), job.inputs, i);
        }
        job.frameParameters = new byte[record.frameParametersLength()];
        record.getFrameParameters(job.frameParameters, 0, job.frameParameters.length);
        job.stepParameters = new byte[record.stepParametersLength()];
        record.getStepParameters(job.stepParameters, 0, job.stepParameters.length);
        core.jobs.add(job);
    }

    private void task(final SnapshotTaskDecoder record) {
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
            get(input.frame(), inputs, task.inputs++);
        }
        for (final SnapshotTaskDecoder.OutputsDecoder output : record.outputs()) {
            get(output.frame(), outputs, task.outputs++);
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

    private void step(final SnapshotStepDecoder record) {
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

    private void outgoing(final SnapshotOutgoingDecoder record) {
        final Outgoing outgoing = core.egress.outgoing(record.kind());
        outgoing.event = record.eventNumber();
        outgoing.subject = record.subject();
        outgoing.a = record.a();
        outgoing.b = record.b();
        outgoing.c = record.c();
        outgoing.d = record.d();
        outgoing.reason = record.reason();
        if (outgoing.kind == Outgoing.RESULT) {
            outgoing.task = core.tasks.table.get(outgoing.subject);
        }
        core.egress.restore(core.parties.get((int) record.partyId()), outgoing, record.stale() != 0);
    }

    private void incident(final SnapshotIncidentDecoder record) {
        final Incident incident = core.incidents.restore(record.number());
        incident.timeMs = record.timeMs();
        incident.lastMs = record.lastMs();
        incident.kind = record.kind();
        incident.rule = record.rule();
        incident.subjectKind = record.subjectKind();
        incident.subjectId = (int) record.subjectId();
        incident.subjectIncarnation = (int) record.subjectIncarnation();
        incident.about = record.about();
        incident.detectedMs = record.detectedMs();
        incident.moved = record.moved();
        incident.retried = record.retried();
        incident.repeated = record.repeated();
        incident.name = record.name();
        incident.text = record.text();
    }

    private void supervised(final SnapshotSupervisedDecoder record) {
        final Party node = core.parties.get((int) record.nodeId());
        if (node == null) {
            throw damaged("a supervised process of no node");
        }
        final SupervisedProcess process =
                new SupervisedProcess((int) record.number(), node, (int) record.nodeIncarnation(), record.name());
        process.state = record.state();
        process.restarts = (int) record.restarts();
        process.waitMs = (int) record.waitMs();
        process.processId = record.processId();
        process.sinceMs = record.sinceMs();
        process.text = record.text();
        core.supervision.all.add(process);
    }

    private void end(final SnapshotEndDecoder record) {
        if (record.records() != records) {
            throw damaged(records + " records, expected " + record.records());
        }
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
        for (final Party worker : core.parties.alive) {
            for (final WorkerType type : worker.types) {
                if (type.loadedStamp == 0 && worker.isUsable()) {
                    type.type.strategy.full(type);
                }
            }
        }
        offered.sort(Comparator.comparingLong(type -> type.loadedStamp));
        for (final WorkerType type : offered) {
            type.type.strategy.offer(type, type.loadedStamp, true);
            core.ready.refresh(type.type);
        }
        final long loaded = writer.hash();
        if (loaded != record.stateHash()) {
            throw damaged("its state hashes to " + Long.toHexString(loaded) + ", expected "
                    + Long.toHexString(record.stateHash()));
        }
        isDone = true;
    }
}
