package io.dragon.engine.node;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.ReportIncidentEncoder;
import io.dragon.codecs.control.ReportWorkerEncoder;
import io.dragon.codecs.control.SupervisedState;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a host's agent has to tell the sequencer: the present state of each worker process that it supervises, and what it saw and
 * did. Kept until the sequencer has it, so that nothing is lost while the masters are away. One thread.
 */
public final class NodeReports {
    /** Older ones are dropped: what happened so often while no master answered is told by its last repetitions. */
    static final int MAX_INCIDENTS = 256;

    private record WorkerReport(
            String name, SupervisedState state, int restarts, long waitMs, long processId, String text) {}

    private static final class Incident {
        private final IncidentKind kind;
        private final IncidentRule rule;
        private final int subjectId;
        private final long detectedMs;
        private final String text;
        private long seq;

        private Incident(
                final IncidentKind kind,
                final IncidentRule rule,
                final int subjectId,
                final long detectedMs,
                final String text) {
            this.kind = kind;
            this.rule = rule;
            this.subjectId = subjectId;
            this.detectedMs = detectedMs;
            this.text = text;
        }
    }

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ReportWorkerEncoder reportWorker = new ReportWorkerEncoder();
    private final ReportIncidentEncoder reportIncident = new ReportIncidentEncoder();
    private final Map<String, WorkerReport> workers = new LinkedHashMap<>();
    private final Map<String, WorkerReport> toTell = new LinkedHashMap<>();
    private final ArrayDeque<Incident> incidents = new ArrayDeque<>();
    private long incarnation;

    /** Nothing to tell. */
    public NodeReports() {}

    void worker(
            final String name,
            final SupervisedState state,
            final int restarts,
            final long waitNs,
            final long processId,
            final String text) {
        final long waitMs = Math.min(0xFFFF_FFFEL, Math.max(0, waitNs) / 1_000_000);
        final WorkerReport report = new WorkerReport(name, state, restarts, waitMs, processId, EndOfProcess.cut(text));
        workers.put(name, report);
        toTell.put(name, report);
    }

    /**
     * Something that was seen.
     *
     * @param kind       what.
     * @param rule       by which rule.
     * @param subjectId  party id of whom it is about; 0 for the node itself.
     * @param detectedMs milliseconds from the fault to its detection; -1 unknown.
     * @param text       more about it, in words.
     */
    public void incident(
            final IncidentKind kind,
            final IncidentRule rule,
            final int subjectId,
            final long detectedMs,
            final String text) {
        if (incidents.size() == MAX_INCIDENTS) {
            incidents.poll();
        }
        incidents.add(new Incident(kind, rule, subjectId, detectedMs, EndOfProcess.cut(text)));
    }

    /**
     * There is a new incarnation of the node: the states of all workers are told again, and of the incidents what the old one did
     * not get through, or may not have got through.
     *
     * @param line of the new incarnation.
     */
    public void onRegistered(final HostLine line) {
        if (line.incarnation() == incarnation + 1) { // otherwise somebody else has had numbers of that name meanwhile
            forgetTold(line);
        }
        incarnation = line.incarnation();
        incidents.forEach(incident -> incident.seq = 0);
        toTell.putAll(workers);
    }

    /**
     * Tells what is due, as far as the line takes it. Only while the line takes commands.
     *
     * @param line to the sequencer.
     * @return how much was told.
     */
    public int send(final HostLine line) {
        int workCount = 0;
        if (!incidents.isEmpty()) {
            forgetTold(line);
            for (final Incident incident : incidents) {
                if (incident.seq == 0) {
                    incident.seq = Math.max(0, offer(incident, line));
                    if (incident.seq == 0) {
                        return workCount;
                    }
                    workCount++;
                }
            }
        }
        final var reports = toTell.values().iterator();
        while (reports.hasNext() && offer(reports.next(), line) > 0) {
            reports.remove();
            workCount++;
        }
        return workCount;
    }

    /**
     * Whether there is nothing left to tell.
     *
     * @return true when the line has taken everything, and the sequencer the incidents.
     */
    public boolean isTold() {
        return incidents.isEmpty() && toTell.isEmpty();
    }

    private void forgetTold(final HostLine line) {
        final long acknowledged = line.acknowledgedSeq();
        incidents.removeIf(incident -> incident.seq > 0 && incident.seq <= acknowledged);
    }

    private long offer(final Incident incident, final HostLine line) {
        reportIncident
                .wrapAndApplyHeader(line.scratch(), 0, header)
                .kind(incident.kind)
                .rule(incident.rule)
                .subjectId(incident.subjectId & 0xFFFF_FFFFL)
                .detectedMs(incident.detectedMs)
                .moved(0)
                .text(incident.text);
        return line.offer(MessageHeaderEncoder.ENCODED_LENGTH + reportIncident.encodedLength());
    }

    private long offer(final WorkerReport report, final HostLine line) {
        reportWorker
                .wrapAndApplyHeader(line.scratch(), 0, header)
                .state(report.state)
                .restarts(report.restarts)
                .waitMs(report.waitMs)
                .processId(report.processId)
                .name(report.name)
                .text(report.text);
        return line.offer(MessageHeaderEncoder.ENCODED_LENGTH + reportWorker.encodedLength());
    }
}
