package io.dragon.engine.sequencer;

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
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Builds the state from the records of a snapshot, and proves at the end that it is the one that was written. */
final class SnapshotReader {
    private final Core core;
    private final SnapshotWriter writer;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
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
            case SnapshotPartyDecoder.TEMPLATE_ID -> writer.parties.party(
                    new SnapshotPartyDecoder().wrap(buffer, at, block, version));
            case SnapshotWorkerTypeDecoder.TEMPLATE_ID -> writer.parties.workerType(
                    new SnapshotWorkerTypeDecoder().wrap(buffer, at, block, version));
            case SnapshotDeviceDecoder.TEMPLATE_ID -> writer.parties.device(
                    new SnapshotDeviceDecoder().wrap(buffer, at, block, version));
            case SnapshotNodeDecoder.TEMPLATE_ID -> writer.topology.node(
                    new SnapshotNodeDecoder().wrap(buffer, at, block, version));
            case SnapshotLinkDecoder.TEMPLATE_ID -> writer.topology.link(
                    new SnapshotLinkDecoder().wrap(buffer, at, block, version));
            case SnapshotPoolDecoder.TEMPLATE_ID -> writer.frames.pool(
                    new SnapshotPoolDecoder().wrap(buffer, at, block, version));
            case SnapshotHoldDecoder.TEMPLATE_ID -> writer.frames.hold(
                    new SnapshotHoldDecoder().wrap(buffer, at, block, version));
            case SnapshotJobDecoder.TEMPLATE_ID -> writer.jobs.job(
                    new SnapshotJobDecoder().wrap(buffer, at, block, version));
            case SnapshotTaskDecoder.TEMPLATE_ID -> writer.tasks.task(
                    new SnapshotTaskDecoder().wrap(buffer, at, block, version));
            case SnapshotStepDecoder.TEMPLATE_ID -> writer.jobs.step(
                    new SnapshotStepDecoder().wrap(buffer, at, block, version));
            case SnapshotOutgoingDecoder.TEMPLATE_ID -> writer.parties.outgoing(
                    new SnapshotOutgoingDecoder().wrap(buffer, at, block, version));
            case SnapshotIncidentDecoder.TEMPLATE_ID -> writer.faults.incident(
                    new SnapshotIncidentDecoder().wrap(buffer, at, block, version));
            case SnapshotSupervisedDecoder.TEMPLATE_ID -> writer.faults.supervised(
                    new SnapshotSupervisedDecoder().wrap(buffer, at, block, version));
            case SnapshotEndDecoder.TEMPLATE_ID -> end(new SnapshotEndDecoder().wrap(buffer, at, block, version));
            default -> throw damaged("record " + id + " is not known");
        }
    }

    static IllegalStateException damaged(final String what) {
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

    private void end(final SnapshotEndDecoder record) {
        if (record.records() != records) {
            throw damaged(records + " records, expected " + record.records());
        }
        writer.tasks.place();
        writer.parties.offer();
        final long loaded = writer.hash();
        if (loaded != record.stateHash()) {
            throw damaged("its state hashes to " + Long.toHexString(loaded) + ", expected "
                    + Long.toHexString(record.stateHash()));
        }
        isDone = true;
    }
}
