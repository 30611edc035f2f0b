package io.dragon.tools;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.config.DragonConfig;

/** Whether this host has a node agent, without which no other host gets its frames. */
final class NodeHere {
    private NodeHere() {}

    /** True where other hosts belong to the system, and this one has nobody who serves frames to them. */
    static boolean isMissing(final ClusterStatus status, final DragonConfig config) {
        return status.nodes().stream()
                .noneMatch(node -> isAlive(node) && node.host().equals(config.hostName()));
    }

    private static boolean isAlive(final ClusterStatus.Node node) {
        return node.state() == WorkerState.ALIVE;
    }

    static String words(final DragonConfig config) {
        return "No node agent runs on this host (" + config.hostName() + "), so no other host gets its frames: start"
                + " 'dragon gpu-server' here; with --set 'gpu.device_ids=[]' it runs no workers.";
    }
}
