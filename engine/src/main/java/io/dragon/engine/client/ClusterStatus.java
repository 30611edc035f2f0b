package io.dragon.engine.client;

import io.dragon.codecs.control.WorkerState;
import java.util.List;

/**
 * Everything there is to see of a cluster at one moment.
 *
 * @param health     its state.
 * @param statistics its totals.
 * @param workers    its workers by party id.
 * @param nodes      its nodes by party id.
 * @param cameras    its cameras by party id.
 */
public record ClusterStatus(
        Health health, Statistics statistics, List<Worker> workers, List<Node> nodes, List<Camera> cameras) {
    /**
     * A worker.
     *
     * @param id                     party id.
     * @param incarnation            how often the name has registered.
     * @param name                   its name.
     * @param device                 its device in words.
     * @param nodeId                 party id of its node; 0 without one.
     * @param processId              its process on its host.
     * @param state                  whether it answers; LEFT when it was stopped in order.
     * @param assigned               tasks it has.
     * @param window                 tasks it takes at a time.
     * @param completed              tasks it has completed.
     * @param failed                 tasks it has failed.
     * @param avgExecutionTimeMillis mean time in its handlers.
     * @param freeBytes              free memory of its device; -1 unknown.
     * @param silentMillis           time since it was heard.
     */
    public record Worker(
            int id,
            int incarnation,
            String name,
            String device,
            int nodeId,
            long processId,
            WorkerState state,
            int assigned,
            int window,
            long completed,
            long failed,
            double avgExecutionTimeMillis,
            long freeBytes,
            long silentMillis) {}

    /**
     * A node: a host with its agent.
     *
     * @param id           party id.
     * @param incarnation  how often the name has registered.
     * @param name         its name.
     * @param host         its host.
     * @param state        whether it answers.
     * @param workers      workers on it.
     * @param cameras      cameras on it.
     * @param silentMillis time since it was heard.
     */
    public record Node(
            int id,
            int incarnation,
            String name,
            String host,
            WorkerState state,
            int workers,
            int cameras,
            long silentMillis) {}

    /**
     * A camera.
     *
     * @param id              party id.
     * @param incarnation     how often the name has registered.
     * @param name            its name.
     * @param state           whether it answers.
     * @param nodeId          party id of its node; 0 without one.
     * @param allocatedNodeId node it was allocated to; 0 none.
     * @param framesAccepted  frames its jobs have taken.
     * @param framesRefused   frames they have not.
     * @param dropped         frames it dropped itself.
     * @param lastStep        step of its last frame.
     * @param lastWorkerId    worker that its last frame went to.
     */
    public record Camera(
            int id,
            int incarnation,
            String name,
            WorkerState state,
            int nodeId,
            int allocatedNodeId,
            long framesAccepted,
            long framesRefused,
            long dropped,
            long lastStep,
            int lastWorkerId) {}
}
