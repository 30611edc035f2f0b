package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Statistics;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is to be seen of a system, for machines and for people. */
final class StatusReport {
    private final ClusterStatus status;
    private final List<MasterCounters> masters;

    StatusReport(final ClusterStatus status, final List<MasterCounters> masters) {
        this.status = status;
        this.masters = masters;
    }

    /** The JSON object of the contract. */
    ObjectNode json() {
        final ObjectNode json = JsonOutput.object();
        json.put("health", status.health().state().label());
        final ArrayNode reasons = json.putArray("reasons");
        status.health().reasons().forEach(reasons::add);
        final ArrayNode masterNodes = json.putArray("masters");
        masters.forEach(master -> masterNodes
                .addObject()
                .put("id", master.id())
                .put("host", master.host())
                .put("role", master.role())
                .put("election", master.election())
                .put("errors", master.errors()));
        final ArrayNode nodes = json.putArray("nodes");
        status.nodes().forEach(node -> nodes.addObject()
                .put("id", node.id())
                .put("incarnation", node.incarnation())
                .put("name", node.name())
                .put("host", node.host())
                .put("state", word(node.state()))
                .put("workers", node.workers())
                .put("cameras", node.cameras())
                .put("silentMillis", node.silentMillis()));
        final ArrayNode workers = json.putArray("workers");
        status.workers().forEach(worker -> workers.addObject()
                .put("id", worker.id())
                .put("incarnation", worker.incarnation())
                .put("name", worker.name())
                .put("device", worker.device())
                .put("node", worker.nodeId())
                .put("pid", worker.processId())
                .put("state", word(worker.state()))
                .put("assigned", worker.assigned())
                .put("window", worker.window())
                .put("tasks", worker.completed())
                .put("failed", worker.failed())
                .put("avgExecutionTimeMillis", worker.avgExecutionTimeMillis())
                .put("freeBytes", worker.freeBytes())
                .put("silentMillis", worker.silentMillis()));
        final ArrayNode cameras = json.putArray("cameras");
        status.cameras().forEach(camera -> cameras.addObject()
                .put("id", camera.id())
                .put("incarnation", camera.incarnation())
                .put("name", camera.name())
                .put("state", word(camera.state()))
                .put("node", camera.nodeId())
                .put("allocatedNode", camera.allocatedNodeId())
                .put("worker", camera.lastWorkerId())
                .put("framesAccepted", camera.framesAccepted())
                .put("framesRefused", camera.framesRefused())
                .put("dropped", camera.dropped())
                .put("lastStep", camera.lastStep()));
        json.set("statistics", statistics());
        return json;
    }

    private ObjectNode statistics() {
        final Statistics totals = status.statistics();
        final ObjectNode json = JsonOutput.object();
        json.put("tasksSubmitted", totals.tasksSubmitted())
                .put("tasksCompleted", totals.tasksCompleted())
                .put("tasksFailed", totals.tasksFailed())
                .put("tasksCancelled", totals.tasksCancelled())
                .put("tasksExpired", totals.tasksExpired())
                .put("tasksRetried", totals.tasksRetried())
                .put("tasksReassigned", totals.tasksReassigned())
                .put("successRate", totals.successRate())
                .put("avgExecutionTimeMillis", totals.avgExecutionTimeMillis())
                .put("busyWorkers", totals.busyWorkers())
                .put("totalWorkers", totals.totalWorkers())
                .put("avgLatencyMillis", totals.avgLatencyMillis())
                .put("queueDepth", totals.queueDepth())
                .put("errors", totals.errors());
        json.putObject("pipeline")
                .put("framesProcessed", totals.pipeline().framesProcessed())
                .put("bytesTransferred", totals.pipeline().bytesTransferred())
                .put("zeroCopyRatio", totals.pipeline().zeroCopyRatio())
                .put("avgTransferTimeMillis", totals.pipeline().avgTransferTimeMillis());
        return json;
    }

    /** Tables for people: one screen, the reasons first. */
    void print(final PrintStream out) {
        out.println("health: " + status.health().state().label());
        status.health().reasons().forEach(reason -> out.println("  " + reason));
        final List<List<Object>> rows = new ArrayList<>();
        masters.forEach(master ->
                rows.add(List.of(master.id(), master.host(), master.role(), master.election(), master.errors())));
        table(out, List.of("MASTER", "HOST", "ROLE", "ELECTION", "ERRORS"), rows);
        status.nodes()
                .forEach(node -> rows.add(
                        List.of(node.name(), node.host(), word(node.state()), node.workers(), node.cameras())));
        table(out, List.of("NODE", "HOST", "STATE", "WORKERS", "CAMERAS"), rows);
        status.workers()
                .forEach(worker -> rows.add(List.of(
                        worker.name(),
                        worker.device(),
                        worker.processId(),
                        word(worker.state()),
                        worker.assigned() + "/" + worker.window(),
                        worker.completed(),
                        worker.failed(),
                        worker.avgExecutionTimeMillis())));
        table(out, List.of("WORKER", "DEVICE", "PID", "STATE", "LOAD", "TASKS", "FAILED", "AVG MS"), rows);
        status.cameras()
                .forEach(camera -> rows.add(List.of(
                        camera.name(),
                        word(camera.state()),
                        camera.framesAccepted(),
                        camera.framesRefused(),
                        camera.dropped(),
                        camera.lastStep())));
        table(out, List.of("CAMERA", "STATE", "ACCEPTED", "REFUSED", "DROPPED", "LAST STEP"), rows);
        totals(out);
    }

    private void totals(final PrintStream out) {
        final Statistics totals = status.statistics();
        out.println();
        out.printf(
                Locale.ROOT,
                "tasks: %d completed, %d failed, %d retried, %d queued, %.1f %% success, %.2f ms in handlers%n",
                totals.tasksCompleted(),
                totals.tasksFailed(),
                totals.tasksRetried(),
                totals.queueDepth(),
                100 * totals.successRate(),
                totals.avgExecutionTimeMillis());
        out.printf(
                Locale.ROOT,
                "frames: %d processed, %s, %.0f %% without a copy%n",
                totals.pipeline().framesProcessed(),
                Tables.bytes(totals.pipeline().bytesTransferred()),
                100 * totals.pipeline().zeroCopyRatio());
        out.printf(
                "workers: %d busy of %d; errors: %d%n", totals.busyWorkers(), totals.totalWorkers(), totals.errors());
    }

    private static void table(final PrintStream out, final List<String> headers, final List<List<Object>> rows) {
        out.println();
        if (rows.isEmpty()) {
            out.println("no " + headers.get(0).toLowerCase(Locale.ROOT) + "s");
        } else {
            Tables.print(out, headers, rows);
        }
        rows.clear();
    }

    private static String word(final Enum<?> state) {
        return state == null ? "unknown" : state.name().toLowerCase(Locale.ROOT);
    }
}
