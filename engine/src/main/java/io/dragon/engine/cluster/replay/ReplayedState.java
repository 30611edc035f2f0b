package io.dragon.engine.cluster.replay;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.StatusQueryEncoder;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.engine.sequencer.EventSink;
import io.dragon.engine.sequencer.Sequencer;
import io.dragon.engine.sequencer.SequencerConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The sequencer's state at one position of the log, as it would answer a status query there. Times are milliseconds, states and
 * reasons the words of the protocol.
 *
 * @param summary   totals since the cluster began, by the names of the protocol
 * @param ends      tasks that ended other than completed, by reason
 * @param workers   a row each
 * @param nodes     a row each
 * @param cameras   a row each
 * @param masters   a row each
 * @param incidents the records kept, oldest first
 * @param names     of all these parties, by party id
 * @param unserved  ready tasks by the name of their type, of types that no live worker offers; the first 8 types
 */
public record ReplayedState(
        Map<String, Long> summary,
        Map<String, Long> ends,
        List<Map<String, Object>> workers,
        List<Map<String, Object>> nodes,
        List<Map<String, Object>> cameras,
        List<Map<String, Object>> masters,
        List<Map<String, Object>> incidents,
        Map<Integer, String> names,
        Map<String, Long> unserved) {
    private static final int SUMMARY = 0;
    private static final int WORKERS = 1;
    private static final int NODES = 2;
    private static final int CAMERAS = 3;
    private static final int INCIDENTS = 4;
    private static final int MASTERS = 6;
    private static final int SESSION = 1;

    /** Asks a sequencer that has the state and is thrown away afterwards: a question counts as a command. */
    static ReplayedState ask(final RecordSource source, final long timeMs) {
        final Answers answers = new Answers();
        final Sequencer twin = new Sequencer(new SequencerConfig(), answers);
        source.writeTo(new RecordCopy(twin));
        for (final int section : new int[] {SUMMARY, WORKERS, NODES, CAMERAS, INCIDENTS, MASTERS}) {
            answers.next = 0;
            do {
                final long after = answers.next;
                answers.hasMore = false;
                final UnsafeBuffer query = new UnsafeBuffer(new byte[64]);
                final StatusQueryEncoder encoder = new StatusQueryEncoder();
                encoder.wrapAndApplyHeader(query, 0, new MessageHeaderEncoder())
                        .correlationId(1)
                        .section((short) section)
                        .afterId(after);
                twin.onCommand(SESSION, query, 0, encoder.limit(), timeMs);
            } while (answers.hasMore);
        }
        answers.summary.merge("commands", -1L, Long::sum); // the question
        return new ReplayedState(
                answers.summary,
                answers.ends,
                answers.workers,
                answers.nodes,
                answers.cameras,
                answers.masters,
                answers.incidents,
                answers.names,
                answers.unserved);
    }

    /** What can write its state as records. */
    interface RecordSource {
        void writeTo(RecordCopy records);
    }

    private static final class Answers implements EventSink {
        final Map<String, Long> summary = new LinkedHashMap<>();
        final Map<String, Long> ends = new LinkedHashMap<>();
        final List<Map<String, Object>> workers = new ArrayList<>();
        final List<Map<String, Object>> nodes = new ArrayList<>();
        final List<Map<String, Object>> cameras = new ArrayList<>();
        final List<Map<String, Object>> masters = new ArrayList<>();
        final List<Map<String, Object>> incidents = new ArrayList<>();
        final Map<Integer, String> names = new TreeMap<>();
        final Map<String, Long> unserved = new TreeMap<>();
        private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
        private final MessageHeaderDecoder header = new MessageHeaderDecoder();
        private long next;
        private boolean hasMore;

        @Override
        public MutableDirectBuffer claim(final int maxLength) {
            return scratch;
        }

        @Override
        public void emit(final int partyId, final int length) {}

        @Override
        public void reply(final long sessionId, final int length) {
            header.wrap(scratch, 0);
            switch (header.templateId()) {
                case StatusSummaryDecoder.TEMPLATE_ID -> onSummary(
                        new StatusSummaryDecoder().wrapAndApplyHeader(scratch, 0, header));
                case WorkerPageDecoder.TEMPLATE_ID -> onWorkers(
                        new WorkerPageDecoder().wrapAndApplyHeader(scratch, 0, header));
                case NodePageDecoder.TEMPLATE_ID -> onNodes(
                        new NodePageDecoder().wrapAndApplyHeader(scratch, 0, header));
                case CameraPageDecoder.TEMPLATE_ID -> onCameras(
                        new CameraPageDecoder().wrapAndApplyHeader(scratch, 0, header));
                case IncidentPageDecoder.TEMPLATE_ID -> onIncidents(
                        new IncidentPageDecoder().wrapAndApplyHeader(scratch, 0, header));
                case MasterPageDecoder.TEMPLATE_ID -> onMasters(
                        new MasterPageDecoder().wrapAndApplyHeader(scratch, 0, header));
                default -> {}
            }
        }

        private Map<String, Object> row(final List<Map<String, Object>> rows, final long partyId) {
            final Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", partyId);
            rows.add(row);
            next = partyId;
            return row;
        }

        private void onSummary(final StatusSummaryDecoder from) {
            summary.put("clusterTimeMs", from.clusterTimeMs());
            summary.put("commands", from.commands());
            summary.put("tasksSubmitted", from.tasksSubmitted());
            summary.put("tasksWaiting", from.tasksWaiting());
            summary.put("tasksReady", from.tasksReady());
            summary.put("tasksAssigned", from.tasksAssigned());
            summary.put("tasksCompleted", from.tasksCompleted());
            summary.put("tasksFailed", from.tasksFailed());
            summary.put("tasksCancelled", from.tasksCancelled());
            summary.put("tasksExpired", from.tasksExpired());
            summary.put("tasksRetried", from.tasksRetried());
            summary.put("tasksReassigned", from.tasksReassigned());
            summary.put("tasksSplit", from.tasksSplit());
            summary.put("tasksAbandoned", from.tasksAbandoned());
            summary.put("completionsIgnored", from.completionsIgnored());
            summary.put("framesAccepted", from.framesAccepted());
            summary.put("framesRefused", from.framesRefused());
            summary.put("refusals", from.refusals());
            summary.put("fenced", from.fenced());
            summary.put("resumes", from.resumes());
            summary.put("incidents", from.incidents());
            for (final StatusSummaryDecoder.UnservedDecoder type : from.unserved()) {
                final long tasks = type.tasks();
                unserved.put(type.taskType(), tasks);
            }
            from.ends().forEach(end -> ends.put(end.reason().name(), end.tasks()));
        }

        private void onWorkers(final WorkerPageDecoder page) {
            hasMore = page.hasMore() == 1;
            for (final WorkerPageDecoder.WorkersDecoder worker : page.workers()) {
                final Map<String, Object> row = row(workers, worker.partyId());
                row.put("incarnation", worker.incarnation());
                row.put("state", worker.state().name());
                row.put("nodeId", worker.nodeId());
                row.put("processId", worker.processId());
                row.put("assigned", worker.assigned());
                row.put("window", worker.window());
                row.put("completed", worker.completed());
                row.put("failed", worker.failed());
                row.put("meanExecutionMs", worker.meanExecutionNs() / 1e6);
                row.put("silentMs", worker.silentMs());
                row.put("failuresInARow", worker.failuresInARow());
                row.put("name", worker.name());
                row.put("device", worker.device());
                row.put("deviceText", worker.deviceText());
                names.put((int) worker.partyId(), (String) row.get("name"));
            }
        }

        private void onNodes(final NodePageDecoder page) {
            hasMore = page.hasMore() == 1;
            for (final NodePageDecoder.NodesDecoder node : page.nodes()) {
                final Map<String, Object> row = row(nodes, node.partyId());
                row.put("incarnation", node.incarnation());
                row.put("state", node.state().name());
                row.put("workers", node.workers());
                row.put("cameras", node.cameras());
                row.put("silentMs", node.silentMs());
                row.put("name", node.name());
                row.put("host", node.host());
                row.put("addresses", node.addresses());
                names.put((int) node.partyId(), (String) row.get("name"));
            }
        }

        private void onCameras(final CameraPageDecoder page) {
            hasMore = page.hasMore() == 1;
            for (final CameraPageDecoder.CamerasDecoder camera : page.cameras()) {
                final Map<String, Object> row = row(cameras, camera.partyId());
                row.put("incarnation", camera.incarnation());
                row.put("state", camera.state().name());
                row.put("nodeId", camera.nodeId());
                row.put("allocatedNodeId", camera.allocatedNodeId());
                row.put("framesAccepted", camera.framesAccepted());
                row.put("framesRefused", camera.framesRefused());
                row.put("dropped", camera.dropped());
                row.put("lastStep", camera.lastStep());
                row.put("name", camera.name());
                names.put((int) camera.partyId(), (String) row.get("name"));
            }
        }

        private void onIncidents(final IncidentPageDecoder page) {
            hasMore = page.hasMore() == 1;
            for (final IncidentPageDecoder.IncidentsDecoder incident : page.incidents()) {
                final Map<String, Object> row = new LinkedHashMap<>();
                next = incident.number();
                row.put("number", incident.number());
                row.put("timeMs", incident.timeMs());
                row.put("kind", incident.kind().name());
                row.put("rule", incident.rule().name());
                row.put("subjectId", incident.subjectId());
                row.put("detectedMs", incident.detectedMs());
                row.put("moved", incident.moved());
                row.put("retried", incident.retried());
                row.put("repeated", incident.repeated());
                row.put("subject", incident.name());
                row.put("text", incident.text());
                incidents.add(row);
            }
        }

        private void onMasters(final MasterPageDecoder page) {
            hasMore = page.hasMore() == 1;
            final long leader = page.leaderMemberId();
            for (final MasterPageDecoder.MastersDecoder master : page.masters()) {
                final Map<String, Object> row = row(masters, master.partyId());
                row.put("member", master.memberId());
                row.put("leads", master.memberId() == leader);
                row.put("state", master.state().name());
                row.put("position", master.position());
                row.put("silentMs", master.silentMs());
                row.put("name", master.name());
                row.put("host", master.host());
                names.put((int) master.partyId(), (String) row.get("name"));
            }
        }
    }
}
