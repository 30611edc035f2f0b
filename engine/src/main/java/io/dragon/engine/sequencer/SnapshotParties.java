package io.dragon.engine.sequencer;

import static io.dragon.engine.sequencer.RecordWriter.flag;

import io.dragon.codecs.snapshot.SnapshotDeviceDecoder;
import io.dragon.codecs.snapshot.SnapshotDeviceEncoder;
import io.dragon.codecs.snapshot.SnapshotOutgoingDecoder;
import io.dragon.codecs.snapshot.SnapshotOutgoingEncoder;
import io.dragon.codecs.snapshot.SnapshotPartyDecoder;
import io.dragon.codecs.snapshot.SnapshotPartyEncoder;
import io.dragon.codecs.snapshot.SnapshotWorkerTypeDecoder;
import io.dragon.codecs.snapshot.SnapshotWorkerTypeEncoder;
import java.util.ArrayList;
import java.util.Comparator;

/** The records of the parties: what each is, what a worker can do, what is still to be told to them. */
final class SnapshotParties {
    private final Core core;
    private final RecordWriter out;
    private final ArrayList<WorkerType> offered = new ArrayList<>();

    SnapshotParties(final Core core, final RecordWriter out) {
        this.core = core;
        this.out = out;
    }

    void write() {
        for (final Party party : core.parties.all) {
            write(party);
        }
        for (final Party party : core.parties.alive) {
            writeDevice(party);
        }
        for (final Party party : core.parties.alive) {
            writeTypes(party);
        }
    }

    /** What they are owed: behind everything that it names. */
    void writeOutgoing() {
        for (final Party party : core.parties.alive) {
            write(party, party.stale, true);
            write(party, party.open, false);
        }
    }

    private void write(final Party party) {
        final SnapshotPartyEncoder encoder = new SnapshotPartyEncoder();
        encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
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
        encoder.name(party.name).host(party.host).device(party.device);
        out.commit(encoder.limit());
    }

    void party(final SnapshotPartyDecoder record) {
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

    private void writeTypes(final Party worker) {
        final SnapshotWorkerTypeEncoder encoder = new SnapshotWorkerTypeEncoder();
        for (final WorkerType type : worker.types) {
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
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
            out.commit(encoder.limit());
        }
    }

    void workerType(final SnapshotWorkerTypeDecoder record) {
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

    private void writeDevice(final Party worker) {
        final DeviceTold told = worker.told;
        if (told != null) {
            final SnapshotDeviceEncoder encoder = new SnapshotDeviceEncoder();
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                    .workerId(worker.id)
                    .state((short) told.state)
                    .sinceMs(told.sinceMs);
            final SnapshotDeviceEncoder.FactsEncoder facts = encoder.factsCount(DeviceTold.FACTS);
            for (final long fact : told.facts) {
                facts.next().value(fact);
            }
            encoder.putText(told.text, 0, told.textLength);
            out.commit(encoder.limit());
        }
    }

    void device(final SnapshotDeviceDecoder record) {
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

    private void write(final Party party, final OutgoingList list, final boolean isStale) {
        final SnapshotOutgoingEncoder encoder = new SnapshotOutgoingEncoder();
        for (Outgoing outgoing = list.first; outgoing != null; outgoing = outgoing.next) {
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
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
            out.commit(encoder.limit());
        }
    }

    void outgoing(final SnapshotOutgoingDecoder record) {
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

    /** When everything is there: who can take tasks of a type is offered, in the order of before. */
    void offer() {
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
    }
}
