package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.FrameRefEncoder;
import io.dragon.codecs.snapshot.MessageHeaderEncoder;
import io.dragon.codecs.snapshot.SnapshotBeginEncoder;
import io.dragon.codecs.snapshot.SnapshotCountersEncoder;
import io.dragon.codecs.snapshot.SnapshotDeviceEncoder;
import io.dragon.codecs.snapshot.SnapshotEndEncoder;
import io.dragon.codecs.snapshot.SnapshotHoldEncoder;
import io.dragon.codecs.snapshot.SnapshotIncidentEncoder;
import io.dragon.codecs.snapshot.SnapshotJobEncoder;
import io.dragon.codecs.snapshot.SnapshotLinkEncoder;
import io.dragon.codecs.snapshot.SnapshotNodeEncoder;
import io.dragon.codecs.snapshot.SnapshotOutgoingEncoder;
import io.dragon.codecs.snapshot.SnapshotPartyEncoder;
import io.dragon.codecs.snapshot.SnapshotPoolEncoder;
import io.dragon.codecs.snapshot.SnapshotSettingsEncoder;
import io.dragon.codecs.snapshot.SnapshotStepEncoder;
import io.dragon.codecs.snapshot.SnapshotSupervisedEncoder;
import io.dragon.codecs.snapshot.SnapshotTaskEncoder;
import io.dragon.codecs.snapshot.SnapshotTaskTypeEncoder;
import io.dragon.codecs.snapshot.SnapshotWorkerTypeEncoder;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The state as records, always in the same order; and its hash, which is that of these records. */
final class SnapshotWriter {
    /** The longest record is that of a job with 32 cameras and 7 frames of history each. */
    static final int MAX_RECORD_LENGTH = 16_384;

    private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;

    private final Core core;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer(MAX_RECORD_LENGTH);
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[Settings.MAX_LENGTH]);
    private RecordSink sink;
    private MutableDirectBuffer buffer;
    private long records;
    private long hash;

    SnapshotWriter(final Core core) {
        this.core = core;
    }

    void write(final RecordSink to) {
        begin(to);
        writeState();
        final long count = records;
        final long stateHash = hash;
        final SnapshotEndEncoder end = new SnapshotEndEncoder();
        end.wrapAndApplyHeader(claim(), 0, header).records(count).stateHash(stateHash);
        commit(end.limit());
        sink = null;
    }

    long hash() {
        begin(null);
        writeState();
        return hash;
    }

    private void begin(final RecordSink to) {
        sink = to;
        records = 0;
        hash = 0;
    }

    private MutableDirectBuffer claim() {
        buffer = sink == null ? scratch : sink.claim(MAX_RECORD_LENGTH);
        return buffer;
    }

    private void commit(final int length) {
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            mix(buffer.getLong(at, ByteOrder.LITTLE_ENDIAN));
        }
        for (; at < length; at++) {
            mix(buffer.getByte(at));
        }
        mix(length);
        records++;
        if (sink != null) {
            sink.commit(length);
        }
    }

    private void mix(final long value) {
        hash = (hash ^ value) * PRIME;
        hash ^= hash >>> 29;
    }

    private void writeState() {
        final SnapshotBeginEncoder begin = new SnapshotBeginEncoder();
        begin.wrapAndApplyHeader(claim(), 0, header)
                .appVersion(Sequencer.APP_VERSION)
                .clusterTimeMs(core.nowMs());
        commit(begin.limit());
        final SnapshotSettingsEncoder settings = new SnapshotSettingsEncoder();
        settings.wrapAndApplyHeader(claim(), 0, header).putMessage(message, 0, Settings.encode(core.config, message));
        commit(settings.limit());
        final SnapshotCountersEncoder counters = new SnapshotCountersEncoder();
        counters.wrapAndApplyHeader(claim(), 0, header);
        final SnapshotCountersEncoder.ValuesEncoder values = counters.valuesCount(Counters.COUNT);
        for (final long value : core.counters) {
            values.next().value(value);
        }
        commit(counters.limit());
        final SnapshotTaskTypeEncoder type = new SnapshotTaskTypeEncoder();
        for (final TaskType taskType : core.types.all) {
            type.wrapAndApplyHeader(claim(), 0, header)
                    .typeId(taskType.id)
                    .samples(taskType.execution.samples)
                    .meanNs(taskType.execution.meanNs)
                    .deviationNs(taskType.execution.deviationNs)
                    .meanBytes(taskType.execution.meanBytes)
                    .name(taskType.name);
            commit(type.limit());
        }
        for (final Party party : core.parties.all) {
            write(party);
        }
        for (final Party party : core.parties.alive) {
            writeDevice(party);
        }
        for (final Party party : core.parties.alive) {
            writeTypes(party);
        }
        writeNodes();
        writePools();
        for (final Job job : core.jobs.all) {
            write(job);
        }
        writeTasks();
        for (final Job job : core.jobs.all) {
            writeSteps(job);
        }
        for (final Party party : core.parties.alive) {
            write(party, party.stale, true);
            write(party, party.open, false);
        }
        writeIncidents();
        writeSupervised();
    }

    private void writeSupervised() {
        final SnapshotSupervisedEncoder encoder = new SnapshotSupervisedEncoder();
        for (final SupervisedProcess process : core.supervision.all) {
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .number(process.number)
                    .nodeId(process.node.id)
                    .nodeIncarnation(Integer.toUnsignedLong(process.nodeIncarnation))
                    .state((short) process.state)
                    .restarts(Integer.toUnsignedLong(process.restarts))
                    .waitMs(Integer.toUnsignedLong(process.waitMs))
                    .processId(process.processId)
                    .sinceMs(process.sinceMs);
            final byte[] name = process.name.getBytes(StandardCharsets.UTF_8);
            final byte[] text = process.text.getBytes(StandardCharsets.UTF_8);
            encoder.putName(name, 0, name.length).putText(text, 0, text.length);
            commit(encoder.limit());
        }
    }

    private void writeIncidents() {
        final SnapshotIncidentEncoder encoder = new SnapshotIncidentEncoder();
        for (long number = core.incidents.oldest(); number <= core.incidents.newest(); number++) {
            final Incident incident = core.incidents.get(number);
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .number(number)
                    .timeMs(incident.timeMs)
                    .lastMs(incident.lastMs)
                    .kind((short) incident.kind)
                    .rule((short) incident.rule)
                    .subjectKind((short) incident.subjectKind)
                    .subjectId(Integer.toUnsignedLong(incident.subjectId))
                    .subjectIncarnation(Integer.toUnsignedLong(incident.subjectIncarnation))
                    .about(incident.about)
                    .detectedMs(incident.detectedMs)
                    .moved(incident.moved)
                    .retried(incident.retried)
                    .repeated(incident.repeated);
            final byte[] name = incident.name.getBytes(StandardCharsets.UTF_8);
            final byte[] text = incident.text.getBytes(StandardCharsets.UTF_8);
            encoder.putName(name, 0, name.length).putText(text, 0, text.length);
            commit(encoder.limit());
        }
    }

    private void write(final Party party) {
        final SnapshotPartyEncoder encoder = new SnapshotPartyEncoder();
        encoder.wrapAndApplyHeader(claim(), 0, header)
                .partyId(party.id)
                .kind((short) party.kind)
                .alive(flag(party.isAlive))
                .suspect(flag(party.suspect))
                .hasLeft(flag(party.hasLeft))
                .lagBackoff((short) party.lagBackoff)
                .incarnation(Integer.toUnsignedLong(party.incarnation))
                .nodeId(Integer.toUnsignedLong(party.nodeId))
                .window(party.window)
                .correlationId(party.correlationId)
                .processId(party.processId)
                .memoryBytes(party.memoryBytes)
                .lastSeq(party.lastSeq)
                .lastEvent(party.lastEvent)
                .acknowledgedEvent(party.acknowledgedEvent)
                .heardMs(party.heardMs)
                .ackSentSeq(party.ackSentSeq)
                .ackSentMs(party.ackSentMs)
                .refusedSeq(party.refusedSeq)
                .refusedMs(party.refusedMs)
                .lagSinceMs(party.lagSinceMs)
                .progress(party.progress)
                .errors(party.errors)
                .dropped(party.dropped)
                .freeBytes(party.freeBytes)
                .erredMs(party.erredMs)
                .completed(party.completed)
                .failed(party.failed)
                .meanNs(party.execution.meanNs)
                .framesAccepted(party.framesAccepted)
                .framesRefused(party.framesRefused)
                .lastStep(party.lastStep)
                .lastWorkerId(party.lastWorkerId)
                .allocatedNodeId(party.allocatedNodeId)
                .pair(Job.NO_PAIR)
                .pairedWith(party.pairedWith)
                .jobTasks(party.jobTasks)
                .resumeBase(party.base)
                .previousBase(party.previousBase)
                .drained(flag(party.drained))
                .probing(flag(party.probing))
                .probeBackoff((short) party.probeBackoff)
                .failuresInARow(party.failuresInARow)
                .successesInARow(party.successesInARow)
                .drainedMs(party.drainedMs)
                .probeMs(party.probeMs)
                .hungMs(party.hungMs)
                .killAskedMs(party.killAskedMs);
        final SnapshotPartyEncoder.ServedEncoder served =
                encoder.servedCount(party.kind == Party.CLIENT ? party.served.length : 0);
        for (int i = 0; i < party.served.length && party.kind == Party.CLIENT; i++) {
            served.next().turn(party.served[i]);
        }
        final byte[] name = party.name.getBytes(StandardCharsets.UTF_8);
        final byte[] host = party.host.getBytes(StandardCharsets.UTF_8);
        final byte[] device = party.device.getBytes(StandardCharsets.UTF_8);
        encoder.putName(name, 0, name.length).putHost(host, 0, host.length).putDevice(device, 0, device.length);
        commit(encoder.limit());
    }

    private static short flag(final boolean value) {
        return (short) (value ? 1 : 0);
    }

    private void writeTypes(final Party worker) {
        final SnapshotWorkerTypeEncoder encoder = new SnapshotWorkerTypeEncoder();
        for (final WorkerType type : worker.types) {
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .workerId(worker.id)
                    .typeId(type.type.id)
                    .stamp(type.isOffered() ? type.stamp() : 0)
                    .samples(type.execution.samples)
                    .meanNs(type.execution.meanNs)
                    .deviationNs(type.execution.deviationNs)
                    .split(type.split)
                    .splitSuccesses(type.splitSuccesses)
                    .splitPatience(type.splitPatience)
                    .meanBytes(type.execution.meanBytes)
                    .credit(type.credit())
                    .typeSamples(type.typeSamples);
            commit(encoder.limit());
        }
    }

    private void writeDevice(final Party worker) {
        final DeviceTold told = worker.told;
        if (told != null) {
            final SnapshotDeviceEncoder encoder = new SnapshotDeviceEncoder();
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .workerId(worker.id)
                    .state((short) told.state)
                    .sinceMs(told.sinceMs);
            final SnapshotDeviceEncoder.FactsEncoder facts = encoder.factsCount(DeviceTold.FACTS);
            for (final long fact : told.facts) {
                facts.next().value(fact);
            }
            encoder.putText(told.text, 0, told.textLength);
            commit(encoder.limit());
        }
    }

    private void writeNodes() {
        final SnapshotNodeEncoder encoder = new SnapshotNodeEncoder();
        for (int i = 0; i < core.topology.end; i++) {
            final NodePlace place = core.topology.places[i];
            if (place != null) {
                encoder.wrapAndApplyHeader(claim(), 0, header)
                        .place(i)
                        .partyId(Integer.toUnsignedLong(place.node.id))
                        .cores(place.cores)
                        .cpuPermille(place.cpuPermille)
                        .transportPort(place.transportPort)
                        .probePort(place.probePort);
                final SnapshotNodeEncoder.FactsEncoder facts = encoder.factsCount(NodePlace.FACTS);
                for (final long fact : place.facts) {
                    facts.next().value(fact);
                }
                encoder.putAddresses(place.addresses, 0, place.addresses.length);
                commit(encoder.limit());
            }
        }
        final SnapshotLinkEncoder link = new SnapshotLinkEncoder();
        for (int i = 0; i < core.topology.end; i++) {
            for (int j = 0; j < core.topology.end && core.topology.places[i] != null; j++) {
                write(link, i, j, core.topology.places[i].links[j]);
            }
        }
    }

    private void write(final SnapshotLinkEncoder encoder, final int from, final int to, final Link link) {
        if (link != null && (link.isTold() || link.hop != Link.NONE)) {
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .fromPlace(from)
                    .toPlace(to)
                    .hop((short) link.hop)
                    .state((short) link.state)
                    .address((short) link.address)
                    .lossPermille(link.lossPermille)
                    .roundTripNs(link.roundTripNs)
                    .bytesPerSecond(link.bytesPerSecond)
                    .countedNs(link.countedNs)
                    .sinceMs(link.sinceMs)
                    .spikeNs(link.spikeNs)
                    .usualNs(link.usualNs);
            commit(encoder.limit());
        }
    }

    private void writePools() {
        final SnapshotPoolEncoder encoder = new SnapshotPoolEncoder();
        final long[] ids = Sorted.keys(core.frames.pools);
        for (final long id : ids) {
            final Pool pool = core.frames.pools.get(id);
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .poolId(id)
                    .ownerId(pool.owner.id)
                    .ownerIncarnation(Integer.toUnsignedLong(pool.ownerIncarnation))
                    .slotCount(Integer.toUnsignedLong(pool.slotCount))
                    .slotLength(pool.slotLength)
                    .orphanedBy(Integer.toUnsignedLong(pool.orphanedBy))
                    .nodeId(Integer.toUnsignedLong(pool.nodeId));
            commit(encoder.limit());
        }
        final SnapshotHoldEncoder hold = new SnapshotHoldEncoder();
        for (final long id : ids) {
            final Pool pool = core.frames.pools.get(id);
            for (final long key : Sorted.keys(pool.holds)) {
                final long held = pool.holds.get(key);
                hold.wrapAndApplyHeader(claim(), 0, header).count(held & 0xFFFF_FFFFL);
                hold.frame()
                        .poolId(id)
                        .sequence(Pool.sequence(key))
                        .slot(Pool.slot(key))
                        .length(held >>> 32);
                commit(hold.limit());
            }
        }
    }

    private static void put(final FrameRefEncoder frame, final byte[] references, final int index) {
        frame.buffer().putBytes(frame.offset(), references, index * Task.REF, Task.REF);
    }

    private void write(final Job job) {
        final SnapshotJobEncoder encoder = new SnapshotJobEncoder();
        encoder.wrapAndApplyHeader(claim(), 0, header)
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
                    put(history.frame(), camera.history, i);
                }
            }
        }
        final int inputs = job.inputs.length / Task.REF;
        final SnapshotJobEncoder.InputsEncoder frames = encoder.inputsCount(inputs);
        for (int i = 0; i < inputs; i++) {
            put(frames.next().frame(), job.inputs, i);
        }
        encoder.putFrameParameters(job.frameParameters, 0, job.frameParameters.length)
                .putStepParameters(job.stepParameters, 0, job.stepParameters.length);
        commit(encoder.limit());
    }

    /** By age, so that a task comes after everything it depends on. */
    private void writeTasks() {
        final Task[] tasks = core.tasks.table.values().toArray(new Task[0]);
        Arrays.sort(tasks, Comparator.comparingLong(task -> task.age));
        final SnapshotTaskEncoder encoder = new SnapshotTaskEncoder();
        for (final Task task : tasks) {
            write(encoder, task);
        }
    }

    private void write(final SnapshotTaskEncoder encoder, final Task task) {
        final boolean isPlaced = task.parked || task.state == Task.ASSIGNED;
        encoder.wrapAndApplyHeader(claim(), 0, header)
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
            put(inputs.next().frame(), task.payload, i);
        }
        final SnapshotTaskEncoder.OutputsEncoder outputs = encoder.outputsCount(task.outputs);
        for (int i = 0; i < task.outputs; i++) {
            put(outputs.next().frame(), task.result, i);
        }
        final int inlineAt = task.outputs * Task.REF;
        encoder.putParameters(task.payload, task.inputs * Task.REF, task.parameters)
                .putInlineResult(task.result, inlineAt, task.inlineLength)
                .putErrorText(task.result, inlineAt + task.inlineLength, task.errorLength);
        commit(encoder.limit());
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
        encoder.wrapAndApplyHeader(claim(), 0, header)
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
        commit(encoder.limit());
    }

    private void write(final Party party, final OutgoingList list, final boolean isStale) {
        final SnapshotOutgoingEncoder encoder = new SnapshotOutgoingEncoder();
        for (Outgoing outgoing = list.first; outgoing != null; outgoing = outgoing.next) {
            encoder.wrapAndApplyHeader(claim(), 0, header)
                    .partyId(party.id)
                    .kind((short) outgoing.kind)
                    .stale(flag(isStale))
                    .eventNumber(outgoing.event)
                    .subject(outgoing.subject)
                    .a(outgoing.a)
                    .b(outgoing.b)
                    .c(outgoing.c)
                    .d(outgoing.d)
                    .reason((short) outgoing.reason);
            commit(encoder.limit());
        }
    }
}
