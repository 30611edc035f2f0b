package io.dragon.tools;

import io.dragon.engine.client.ClusterStatus;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Two looks at a cluster as a JSON object: that of {@code dragon status}, and the rates between them; null is not known. */
final class TopJson {
    private TopJson() {}

    /** What is known, or, where no master answers, why. */
    static ObjectNode of(final TopLook before, final TopLook now, final String trouble) {
        final ObjectNode json = StatusJson.of(now.status(), now.masters());
        if (!trouble.isEmpty()) {
            json.put("health", "critical");
            json.putArray("reasons").add(trouble);
        }
        final TopRates rates = new TopRates(before, now);
        final ObjectNode all = json.putObject("rates");
        put(all, "seconds", rates.seconds());
        put(all, "tasksPerSecond", rates.tasks());
        put(all, "failedPerSecond", rates.failed());
        put(all, "latencyMillis", rates.latencyMillis());
        put(all, "framesPerSecond", rates.frames());
        put(all, "bytesPerSecond", rates.bytes());
        put(all, "refusedPerSecond", rates.refused());
        put(all, "droppedPerSecond", rates.dropped(now.status().cameras()));
        final ArrayNode workers = all.putArray("workers");
        for (final ClusterStatus.Worker worker : now.status().workers()) {
            final TopRates.Work work = rates.of(worker);
            final ObjectNode one = workers.addObject().put("id", worker.id()).put("name", worker.name());
            put(one, "tasksPerSecond", work.tasks());
            put(one, "failedPerSecond", work.failed());
            put(one, "busy", work.busy());
        }
        final ArrayNode cameras = all.putArray("cameras");
        for (final ClusterStatus.Camera camera : now.status().cameras()) {
            final TopRates.Flow flow = rates.of(camera);
            final ObjectNode one = cameras.addObject().put("id", camera.id()).put("name", camera.name());
            put(one, "framesPerSecond", flow.frames());
            put(one, "refusedPerSecond", flow.refused());
            put(one, "droppedPerSecond", flow.dropped());
        }
        return json;
    }

    private static void put(final ObjectNode json, final String name, final double value) {
        if (Double.isNaN(value)) {
            json.putNull(name);
        } else {
            json.put(name, value);
        }
    }
}
