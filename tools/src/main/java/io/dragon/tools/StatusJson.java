package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.Incident;
import io.dragon.engine.client.Statistics;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is to be seen of a system, as the JSON object of the contract. */
final class StatusJson {
    private StatusJson() {}

    static ObjectNode of(final ClusterStatus status, final List<MasterRow> masters) {
        final ObjectNode json = JsonOutput.object();
        json.put("health", status.health().state().label());
        final ArrayNode reasons = json.putArray("reasons");
        status.health().reasons().forEach(reasons::add);
        final ArrayNode masterNodes = json.putArray("masters");
        masters.forEach(master -> put(masterNodes.addObject(), master));
        json.putObject("leader")
                .put("id", status.leadership().memberId())
                .put("term", status.leadership().term());
        final ArrayNode nodes = json.putArray("nodes");
        status.nodes().forEach(node -> {
            final ObjectNode entry = nodes.addObject();
            put(entry, node);
            gpus((ObjectNode) entry.get("resources"), node.id(), status.workers());
        });
        json.set("links", RoutesReport.links(status.links()));
        final ArrayNode workers = json.putArray("workers");
        status.workers().forEach(worker -> put(workers.addObject(), worker));
        final ArrayNode supervised = json.putArray("supervised");
        status.supervised().forEach(process -> supervised
                .addObject()
                .put("node", process.node())
                .put("nodeAlive", process.isNodeAlive())
                .put("name", process.name())
                .put("state", word(process.state()))
                .put("restarts", process.restarts())
                .put("waitMillis", process.waitMillis())
                .put("pid", process.processId())
                .put("stateMillis", process.sinceMillis())
                .put("text", process.text()));
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
        json.set("statistics", statistics(status.statistics()));
        return json;
    }

    /** Those of its workers, where they have any. */
    private static void gpus(final ObjectNode resources, final int nodeId, final List<ClusterStatus.Worker> workers) {
        final ArrayNode gpus = JsonOutput.object().putArray("gpus");
        for (final ClusterStatus.Worker worker : workers) {
            if (worker.nodeId() == nodeId && worker.gpu().isTold()) {
                final ObjectNode gpu = gpus.addObject();
                gpu.put("worker", worker.name()).put("device", worker.device());
                put(gpu, worker.gpu());
            }
        }
        if (!gpus.isEmpty()) {
            resources.set("gpus", gpus);
        }
    }

    private static void put(final ObjectNode json, final MasterRow master) {
        json.put("id", master.id())
                .put("host", master.host())
                .put("role", master.role())
                .put("state", master.state())
                .put("pid", master.processId())
                .put("position", master.position())
                .put("silentMillis", master.silentMillis())
                .put("election", master.election())
                .put("errors", master.errors());
    }

    private static void put(final ObjectNode json, final ClusterStatus.Node node) {
        json.put("id", node.id())
                .put("incarnation", node.incarnation())
                .put("name", node.name())
                .put("host", node.host())
                .put("state", word(node.state()))
                .put("workers", node.workers())
                .put("cameras", node.cameras())
                .put("silentMillis", node.silentMillis());
        final ArrayNode addresses = json.putArray("addresses");
        node.addresses().forEach(addresses::add);
        final ClusterStatus.Resources resources = node.resources();
        json.putObject("resources")
                .put("cores", resources.cores())
                .put("cpu", resources.cpu())
                .put("memoryBytes", resources.memoryBytes())
                .put("memoryFreeBytes", resources.memoryFreeBytes())
                .put("sharedBytes", resources.sharedBytes())
                .put("sharedFreeBytes", resources.sharedFreeBytes())
                .put("receivedBytesPerSecond", resources.receivedBytesPerSecond())
                .put("sentBytesPerSecond", resources.sentBytesPerSecond())
                .put("udpErrors", resources.udpErrors());
        final ClusterStatus.Traffic traffic = node.traffic();
        json.putObject("traffic")
                .put("framesFetched", traffic.framesFetched())
                .put("bytesFetched", traffic.bytesFetched())
                .put("fetchMillis", traffic.fetchNanos() / 1e6)
                .put("framesServed", traffic.framesServed())
                .put("framesRelayed", traffic.framesRelayed())
                .put("chunksRepeated", traffic.chunksRepeated())
                .put("intruders", traffic.intruders());
    }

    private static void put(final ObjectNode json, final ClusterStatus.Worker worker) {
        json.put("id", worker.id())
                .put("incarnation", worker.incarnation())
                .put("name", worker.name())
                .put("device", worker.device())
                .put("node", worker.nodeId())
                .put("pid", worker.processId())
                .put("state", word(worker.state()))
                .put("stateMillis", worker.stateMillis())
                .put("assigned", worker.assigned())
                .put("window", worker.window())
                .put("tasks", worker.completed())
                .put("failed", worker.failed())
                .put("failuresInARow", worker.failuresInARow())
                .put("avgExecutionTimeMillis", worker.avgExecutionTimeMillis())
                .put("freeBytes", worker.freeBytes())
                .put("silentMillis", worker.silentMillis());
        if (worker.gpu().isTold()) {
            put(json.putObject("gpu"), worker.gpu());
        }
    }

    private static void put(final ObjectNode json, final ClusterStatus.Gpu gpu) {
        json.put("health", word(gpu.state()))
                .put("text", gpu.text())
                .put("temperatureCelsius", gpu.temperatureCelsius())
                .put("utilisation", gpu.utilisation())
                .put("memoryBytes", gpu.memoryBytes())
                .put("memoryUsedBytes", gpu.memoryUsedBytes())
                .put("powerWatts", gpu.powerWatts())
                .put("powerLimitWatts", gpu.powerLimitWatts())
                .put("eccCorrected", gpu.eccCorrected())
                .put("eccUncorrected", gpu.eccUncorrected());
    }

    private static ObjectNode statistics(final Statistics totals) {
        final ObjectNode json = JsonOutput.object();
        json.put("tasksSubmitted", totals.tasksSubmitted())
                .put("tasksCompleted", totals.tasksCompleted())
                .put("tasksFailed", totals.tasksFailed())
                .put("tasksCancelled", totals.tasksCancelled())
                .put("tasksExpired", totals.tasksExpired())
                .put("tasksRetried", totals.tasksRetried())
                .put("tasksReassigned", totals.tasksReassigned())
                .put("tasksSplit", totals.tasksSplit())
                .put("tasksWaiting", totals.tasksWaiting())
                .put("tasksReady", totals.tasksReady())
                .put("tasksAssigned", totals.tasksAssigned())
                .put("successRate", totals.successRate())
                .put("avgExecutionTimeMillis", totals.avgExecutionTimeMillis())
                .put("busyWorkers", totals.busyWorkers())
                .put("totalWorkers", totals.totalWorkers())
                .put("avgLatencyMillis", totals.avgLatencyMillis())
                .put("queueDepth", totals.queueDepth())
                .put("errors", totals.errors())
                .put("incidents", totals.incidents());
        final ObjectNode ends = json.putObject("ends");
        totals.ends().forEach((reason, tasks) -> ends.put(word(reason), tasks));
        final ObjectNode unserved = json.putObject("unserved");
        totals.unserved().forEach((type, tasks) -> unserved.put(type, tasks));
        json.putObject("pipeline")
                .put("framesProcessed", totals.pipeline().framesProcessed())
                .put("bytesTransferred", totals.pipeline().bytesTransferred())
                .put("zeroCopyRatio", totals.pipeline().zeroCopyRatio())
                .put("avgTransferTimeMillis", totals.pipeline().avgTransferTimeMillis())
                .put("framesFetched", totals.pipeline().framesFetched())
                .put("bytesFetched", totals.pipeline().bytesFetched())
                .put("framesServed", totals.pipeline().framesServed())
                .put("framesRelayed", totals.pipeline().framesRelayed());
        return json;
    }

    static ArrayNode incidents(final List<Incident> incidents) {
        final ArrayNode array = JsonOutput.object().putArray("incidents");
        incidents.forEach(incident -> array.addObject()
                .put("number", incident.number())
                .put("time", Instant.ofEpochMilli(incident.timeMillis()).toString())
                .put("timeMillis", incident.timeMillis())
                .put("lastMillis", incident.lastMillis())
                .put("kind", word(incident.kind()))
                .put("rule", word(incident.rule()))
                .put("subjectKind", incident.subjectKind() == null ? "masters" : word(incident.subjectKind()))
                .put("subjectId", incident.subjectId())
                .put("subject", incident.subject())
                .put("detectedMillis", incident.detectedMillis())
                .put("moved", incident.moved())
                .put("retried", incident.retried())
                .put("repeated", incident.repeated())
                .put("what", incident.what())
                .put("text", incident.text()));
        return array;
    }

    static String word(final Enum<?> value) {
        return value == null ? "unknown" : value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
