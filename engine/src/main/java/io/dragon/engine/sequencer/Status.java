package io.dragon.engine.sequencer;

import io.dragon.codecs.control.CameraPageEncoder;
import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.NodePageEncoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.StatusQueryDecoder;
import io.dragon.codecs.control.StatusSummaryEncoder;
import io.dragon.codecs.control.WorkerPageEncoder;
import io.dragon.codecs.control.WorkerState;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Answers to status queries: a summary, or a page of parties in the order of their ids. */
final class Status {
    private static final int WORKERS = 1;
    private static final int NODES = 2;
    private static final int CAMERAS = 3;
    private static final int INCIDENTS = 4;
    private static final int SUPERVISED = 5;
    private static final int MASTERS = 6;
    private static final int LINKS = 7;

    private static final int STRING_HEADER = 2;

    /** What a node without a place has told. */
    private static final NodePlace NOTHING = new NodePlace(0, new Party(0, Party.NODE, ""));

    /** What a worker has told that told nothing of its device. */
    private static final DeviceTold NO_DEVICE = new DeviceTold();

    /** So that they fit with names of 48 bytes; one is what a misspelt type makes. */
    private static final int MOST_UNSERVED = 8;

    private static final Reason[] REASONS = Reason.values();

    private final Core core;
    private final StatusRecords records;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final StatusSummaryEncoder summary = new StatusSummaryEncoder();
    private final WorkerPageEncoder workers = new WorkerPageEncoder();
    private final NodePageEncoder nodes = new NodePageEncoder();
    private final CameraPageEncoder cameras = new CameraPageEncoder();

    Status(final Core core) {
        this.core = core;
        records = new StatusRecords(core);
    }

    void answer(final StatusQueryDecoder query) {
        final long correlationId = query.correlationId();
        final int afterId = (int) query.afterId();
        switch (query.section()) {
            case WORKERS -> workers(correlationId, afterId);
            case NODES -> nodes(correlationId, afterId);
            case CAMERAS -> cameras(correlationId, afterId);
            case INCIDENTS -> records.incidents(correlationId, Integer.toUnsignedLong(afterId));
            case SUPERVISED -> records.supervised(correlationId, Integer.toUnsignedLong(afterId));
            case MASTERS -> records.masters(correlationId, afterId);
            case LINKS -> core.answers.links(correlationId, Integer.toUnsignedLong(afterId));
            default -> summary(correlationId);
        }
    }

    private org.agrona.MutableDirectBuffer claim() {
        return core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH);
    }

    private void summary(final long correlationId) {
        final long[] c = core.counters;
        int alive = 0;
        int busy = 0;
        int drained = 0;
        for (int i = 0; i < core.parties.alive.size(); i++) {
            final Party party = core.parties.alive.get(i);
            if (party.kind == Party.WORKER) {
                alive++;
                busy += party.assigned.size > 0 ? 1 : 0;
                drained += party.drained ? 1 : 0;
            }
        }
        summary.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .clusterTimeMs(core.nowMs())
                .commands(c[Counters.COMMANDS])
                .tasksSubmitted(c[Counters.SUBMITTED])
                .tasksCompleted(c[Counters.COMPLETED])
                .tasksFailed(c[Counters.FAILED])
                .tasksCancelled(c[Counters.CANCELLED])
                .tasksExpired(c[Counters.EXPIRED])
                .tasksRetried(c[Counters.RETRIED])
                .tasksReassigned(c[Counters.REASSIGNED])
                .tasksAbandoned(c[Counters.ABANDONED])
                .completionsIgnored(c[Counters.IGNORED])
                .tasksWaiting(c[Counters.WAITING])
                .tasksReady(c[Counters.READY])
                .tasksAssigned(c[Counters.ASSIGNED])
                .workersAlive(alive)
                .workersBusy(busy)
                .meanExecutionNs(c[Counters.MEAN_EXECUTION_NS])
                .framesAccepted(c[Counters.FRAMES_ACCEPTED])
                .framesRefused(c[Counters.FRAMES_REFUSED])
                .bytesAccepted(c[Counters.BYTES_ACCEPTED])
                .refusals(c[Counters.REFUSALS])
                .fenced(c[Counters.FENCED])
                .resumes(c[Counters.RESUMES])
                .tasksSplit(c[Counters.SPLIT])
                .workersDrained(drained)
                .incidents(core.incidents.newest())
                .recentCompleted(core.recentEnds.completed())
                .recentFailed(core.recentEnds.failed());
        unserved();
        ends();
        core.sink.reply(core.session, summary.limit());
    }

    private void unserved() {
        int count = 0;
        for (int i = 0; i < core.types.all.size() && count < MOST_UNSERVED; i++) {
            count += isUnserved(core.types.all.get(i)) ? 1 : 0;
        }
        final StatusSummaryEncoder.UnservedEncoder entries = summary.unservedCount(count);
        for (int i = 0; count > 0; i++) {
            final TaskType type = core.types.all.get(i);
            if (isUnserved(type)) {
                final byte[] name = bytes(type.name);
                entries.next().tasks(type.queued + type.parked.size).putTaskType(name, 0, name.length);
                count--;
            }
        }
    }

    private void ends() {
        int count = 0;
        for (final Reason reason : REASONS) {
            count += ended(reason) > 0 ? 1 : 0;
        }
        final StatusSummaryEncoder.EndsEncoder entries = summary.endsCount(count);
        for (final Reason reason : REASONS) {
            if (ended(reason) > 0) {
                entries.next().reason(reason).tasks(ended(reason));
            }
        }
    }

    private long ended(final Reason reason) {
        return reason == Reason.NULL_VAL ? 0 : core.counters[Counters.ENDS + reason.value()];
    }

    private boolean isUnserved(final TaskType type) {
        if (type.queued + type.parked.size == 0 || type.usable > 0) {
            return false;
        }
        for (int i = 0; i < core.parties.alive.size(); i++) {
            if (core.parties.alive.get(i).workerType(type) != null) {
                return false;
            }
        }
        return true;
    }

    static WorkerState state(final Party party) {
        if (party.isAlive) {
            if (party.suspect) {
                return WorkerState.SUSPECT;
            }
            return party.isUnfit() ? WorkerState.UNFIT : party.drained ? WorkerState.DRAINED : WorkerState.ALIVE;
        }
        return party.hasLeft ? WorkerState.LEFT : WorkerState.DEAD;
    }

    private long stateForMs(final Party worker) {
        if (worker.isAlive && worker.suspect) {
            return core.upMs() - worker.hungMs;
        }
        if (worker.isAlive && worker.isUnfit()) {
            return core.upMs() - worker.told.sinceMs;
        }
        return worker.isAlive && worker.drained ? core.upMs() - worker.drainedMs : 0;
    }

    private long silentMs(final Party party) {
        return core.upMs() - party.heardMs;
    }

    /** How many parties of a kind after an id fit into a page with entries of this block length. */
    private int fitting(final int kind, final int afterId, final int fixed, final int block) {
        final int most = (Sequencer.MAX_MESSAGE_LENGTH - 8 - fixed - 4) / (block + 4);
        int length = 8 + fixed + 4;
        int count = 0;
        for (int i = 0; i < core.parties.all.size() && count < most; i++) {
            final Party party = core.parties.all.get(i);
            if (party.kind == kind && Integer.compareUnsigned(party.id, afterId) > 0) {
                length += block + data(party);
                if (length > Sequencer.MAX_MESSAGE_LENGTH) {
                    break;
                }
                count++;
            }
        }
        return count;
    }

    private static int data(final Party party) {
        final int name = STRING_HEADER + bytes(party.name).length;
        return switch (party.kind) {
            case Party.WORKER -> name
                    + STRING_HEADER
                    + bytes(party.device).length
                    + STRING_HEADER
                    + device(party).textLength;
            case Party.NODE -> name
                    + STRING_HEADER
                    + bytes(party.host).length
                    + STRING_HEADER
                    + told(party).addresses.length;
            default -> name;
        };
    }

    private static DeviceTold device(final Party worker) {
        return worker.told == null ? NO_DEVICE : worker.told;
    }

    private static NodePlace told(final Party node) {
        return node.nodePlace == null ? NOTHING : node.nodePlace;
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The next party of a kind at or after an index; its own index, or the size when there is none. */
    private int next(final int kind, final int afterId, final int from) {
        int index = from;
        while (index < core.parties.all.size()) {
            final Party party = core.parties.all.get(index);
            if (party.kind == kind && Integer.compareUnsigned(party.id, afterId) > 0) {
                break;
            }
            index++;
        }
        return index;
    }

    private short hasMore(final int kind, final int afterId, final int shown) {
        int index = -1;
        for (int i = 0; i <= shown; i++) {
            index = next(kind, afterId, index + 1);
        }
        return (short) (index < core.parties.all.size() ? 1 : 0);
    }

    private void workers(final long correlationId, final int afterId) {
        final int count = fitting(
                Party.WORKER,
                afterId,
                WorkerPageEncoder.BLOCK_LENGTH,
                WorkerPageEncoder.WorkersEncoder.sbeBlockLength());
        workers.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore(hasMore(Party.WORKER, afterId, count));
        final WorkerPageEncoder.WorkersEncoder entries = workers.workersCount(count);
        int index = -1;
        for (int i = 0; i < count; i++) {
            index = next(Party.WORKER, afterId, index + 1);
            final Party party = core.parties.all.get(index);
            entries.next()
                    .partyId(party.id)
                    .incarnation(party.incarnation)
                    .nodeId(Integer.toUnsignedLong(party.nodeId))
                    .processId(party.processId)
                    .state(state(party))
                    .assigned(party.assigned.size)
                    .window(party.window)
                    .completed(party.completed)
                    .failed(party.failed)
                    .meanExecutionNs(party.execution.meanNs)
                    .freeBytes(party.freeBytes)
                    .silentMs(silentMs(party))
                    .failuresInARow(Math.min(0xFFFE, party.failuresInARow))
                    .stateForMs(stateForMs(party));
            final DeviceTold told = device(party);
            entries.deviceState(DeviceState.get((short) told.state));
            final int factsAt = workers.limit()
                    - WorkerPageEncoder.WorkersEncoder.sbeBlockLength()
                    + WorkerPageEncoder.WorkersEncoder.temperatureCelsiusEncodingOffset();
            for (int fact = 0; fact < DeviceTold.FACTS; fact++) {
                workers.buffer().putLong(factsAt + fact * Long.BYTES, told.facts[fact], ByteOrder.LITTLE_ENDIAN);
            }
            final byte[] name = bytes(party.name);
            final byte[] device = bytes(party.device);
            entries.putName(name, 0, name.length)
                    .putDevice(device, 0, device.length)
                    .putDeviceText(told.text, 0, told.textLength);
        }
        core.sink.reply(core.session, workers.limit());
    }

    private void nodes(final long correlationId, final int afterId) {
        final int count = fitting(
                Party.NODE, afterId, NodePageEncoder.BLOCK_LENGTH, NodePageEncoder.NodesEncoder.sbeBlockLength());
        nodes.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore(hasMore(Party.NODE, afterId, count));
        final NodePageEncoder.NodesEncoder entries = nodes.nodesCount(count);
        int index = -1;
        for (int i = 0; i < count; i++) {
            index = next(Party.NODE, afterId, index + 1);
            final Party party = core.parties.all.get(index);
            final NodePlace told = told(party);
            entries.next()
                    .partyId(party.id)
                    .incarnation(party.incarnation)
                    .state(state(party))
                    .workers(living(Party.WORKER, party.id))
                    .cameras(living(Party.CAMERA, party.id))
                    .silentMs(silentMs(party))
                    .cores(told.cores)
                    .cpuPermille(told.cpuPermille);
            final int factsAt = nodes.limit()
                    - NodePageEncoder.NodesEncoder.sbeBlockLength()
                    + NodePageEncoder.NodesEncoder.memoryBytesEncodingOffset();
            for (int fact = 0; fact < NodePlace.FACTS; fact++) {
                nodes.buffer().putLong(factsAt + fact * Long.BYTES, told.facts[fact], ByteOrder.LITTLE_ENDIAN);
            }
            final byte[] name = bytes(party.name);
            final byte[] host = bytes(party.host);
            entries.putName(name, 0, name.length)
                    .putHost(host, 0, host.length)
                    .putAddresses(told.addresses, 0, told.addresses.length);
        }
        core.sink.reply(core.session, nodes.limit());
    }

    private int living(final int kind, final int nodeId) {
        int count = 0;
        for (int i = 0; i < core.parties.alive.size(); i++) {
            final Party party = core.parties.alive.get(i);
            count += party.kind == kind && party.nodeId == nodeId ? 1 : 0;
        }
        return count;
    }

    private void cameras(final long correlationId, final int afterId) {
        final int count = fitting(
                Party.CAMERA,
                afterId,
                CameraPageEncoder.BLOCK_LENGTH,
                CameraPageEncoder.CamerasEncoder.sbeBlockLength());
        cameras.wrapAndApplyHeader(claim(), 0, header)
                .correlationId(correlationId)
                .hasMore(hasMore(Party.CAMERA, afterId, count));
        final CameraPageEncoder.CamerasEncoder entries = cameras.camerasCount(count);
        int index = -1;
        for (int i = 0; i < count; i++) {
            index = next(Party.CAMERA, afterId, index + 1);
            final Party party = core.parties.all.get(index);
            entries.next()
                    .partyId(party.id)
                    .incarnation(party.incarnation)
                    .state(state(party))
                    .nodeId(Integer.toUnsignedLong(party.nodeId))
                    .allocatedNodeId(party.allocatedNodeId)
                    .framesAccepted(party.framesAccepted)
                    .framesRefused(party.framesRefused)
                    .dropped(party.dropped)
                    .lastStep(party.lastStep)
                    .lastWorkerId(party.lastWorkerId)
                    .poolId(core.frames.poolOf(party));
            final byte[] name = bytes(party.name);
            entries.putName(name, 0, name.length);
        }
        core.sink.reply(core.session, cameras.limit());
    }
}
