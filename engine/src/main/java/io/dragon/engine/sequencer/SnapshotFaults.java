package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.SnapshotIncidentDecoder;
import io.dragon.codecs.snapshot.SnapshotIncidentEncoder;
import io.dragon.codecs.snapshot.SnapshotSupervisedDecoder;
import io.dragon.codecs.snapshot.SnapshotSupervisedEncoder;

/** The records of faults: incidents, and the processes that a supervisor watches. */
final class SnapshotFaults {
    private final Core core;
    private final RecordWriter out;

    SnapshotFaults(final Core core, final RecordWriter out) {
        this.core = core;
        this.out = out;
    }

    void write() {
        writeIncidents();
        writeSupervised();
    }

    private void writeIncidents() {
        final SnapshotIncidentEncoder encoder = new SnapshotIncidentEncoder();
        for (long number = core.incidents.oldest(); number <= core.incidents.newest(); number++) {
            final Incident incident = core.incidents.get(number);
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
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
                    .repeated(incident.repeated)
                    .name(incident.name)
                    .text(incident.text);
            out.commit(encoder.limit());
        }
    }

    void incident(final SnapshotIncidentDecoder record) {
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

    private void writeSupervised() {
        final SnapshotSupervisedEncoder encoder = new SnapshotSupervisedEncoder();
        for (final SupervisedProcess process : core.supervision.all) {
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                    .number(process.number)
                    .nodeId(process.node.id)
                    .nodeIncarnation(Integer.toUnsignedLong(process.nodeIncarnation))
                    .state((short) process.state)
                    .restarts(Integer.toUnsignedLong(process.restarts))
                    .waitMs(Integer.toUnsignedLong(process.waitMs))
                    .processId(process.processId)
                    .sinceMs(process.sinceMs)
                    .name(process.name)
                    .text(process.text);
            out.commit(encoder.limit());
        }
    }

    void supervised(final SnapshotSupervisedDecoder record) {
        final Party node = core.parties.get((int) record.nodeId());
        if (node == null) {
            throw SnapshotReader.damaged("a supervised process of no node");
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
}
