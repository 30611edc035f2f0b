package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.SnapshotBeginEncoder;
import io.dragon.codecs.snapshot.SnapshotCountersEncoder;
import io.dragon.codecs.snapshot.SnapshotEndEncoder;
import io.dragon.codecs.snapshot.SnapshotSettingsEncoder;
import io.dragon.codecs.snapshot.SnapshotTaskTypeEncoder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The state as records, always in the same order; and its hash, which is that of these records. How a part of the state is written
 * and how it is read stand together, in the class of that part.
 */
final class SnapshotWriter {
    final SnapshotParties parties;
    final SnapshotTopology topology;
    final SnapshotFrames frames;
    final SnapshotJobs jobs;
    final SnapshotTasks tasks;
    final SnapshotFaults faults;
    private final Core core;
    private final RecordWriter out = new RecordWriter();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[Settings.MAX_LENGTH]);

    SnapshotWriter(final Core core) {
        this.core = core;
        parties = new SnapshotParties(core, out);
        topology = new SnapshotTopology(core, out);
        frames = new SnapshotFrames(core, out);
        jobs = new SnapshotJobs(core, out);
        tasks = new SnapshotTasks(core, out);
        faults = new SnapshotFaults(core, out);
    }

    void write(final RecordSink to) {
        out.begin(to);
        writeState();
        final long count = out.records();
        final long stateHash = out.hash();
        final SnapshotEndEncoder end = new SnapshotEndEncoder();
        end.wrapAndApplyHeader(out.claim(), 0, out.header).records(count).stateHash(stateHash);
        out.commit(end.limit());
        out.begin(null);
    }

    long hash() {
        out.begin(null);
        writeState();
        return out.hash();
    }

    private void writeState() {
        final SnapshotBeginEncoder begin = new SnapshotBeginEncoder();
        begin.wrapAndApplyHeader(out.claim(), 0, out.header)
                .appVersion(Sequencer.APP_VERSION)
                .clusterTimeMs(core.nowMs());
        out.commit(begin.limit());
        final SnapshotSettingsEncoder settings = new SnapshotSettingsEncoder();
        settings.wrapAndApplyHeader(out.claim(), 0, out.header)
                .putMessage(message, 0, Settings.encode(core.config, message));
        out.commit(settings.limit());
        final SnapshotCountersEncoder counters = new SnapshotCountersEncoder();
        counters.wrapAndApplyHeader(out.claim(), 0, out.header);
        final SnapshotCountersEncoder.ValuesEncoder values = counters.valuesCount(Counters.COUNT);
        for (final long value : core.counters) {
            values.next().value(value);
        }
        out.commit(counters.limit());
        final SnapshotTaskTypeEncoder type = new SnapshotTaskTypeEncoder();
        for (final TaskType taskType : core.types.all) {
            type.wrapAndApplyHeader(out.claim(), 0, out.header)
                    .typeId(taskType.id)
                    .samples(taskType.execution.samples)
                    .meanNs(taskType.execution.meanNs)
                    .deviationNs(taskType.execution.deviationNs)
                    .meanBytes(taskType.execution.meanBytes)
                    .name(taskType.name);
            out.commit(type.limit());
        }
        parties.write();
        topology.write();
        frames.write();
        jobs.write();
        tasks.write();
        jobs.writeSteps();
        parties.writeOutgoing();
        faults.write();
    }
}
