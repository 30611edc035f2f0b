package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.NodeConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * The workers of a host by name, and the device of each as {@code dragon worker --device} takes it. Names are the same at every
 * start, so that a worker that comes back is the one that was missed.
 */
final class WorkerPlan {
    private WorkerPlan() {}

    /**
     * The workers that a GPU server runs.
     *
     * @param config its configuration.
     * @param gpus   the GPUs of this host that can be used: their ids by their numbers.
     * @return devices by names: the GPUs in order, then the CPU workers.
     */
    static Map<String, String> of(final DragonConfig config, final SortedMap<Integer, String> gpus) {
        final String node = nodeName(config);
        final Map<String, String> workers = new LinkedHashMap<>();
        gpus.forEach((number, id) -> {
            if (config.gpu().offers(number, id)) {
                workers.put(node + "-gpu-" + number, id);
            }
        });
        final boolean isWanted =
                config.gpu().isAll() || !config.gpu().deviceIds().isEmpty();
        final int cpu = config.workers().cpu() >= 0 ? config.workers().cpu() : isWanted && workers.isEmpty() ? 1 : 0;
        for (int i = 0; i < cpu; i++) {
            workers.put(node + "-cpu-" + i, "cpu");
        }
        return workers;
    }

    /** The name of this host among the others. */
    static String nodeName(final DragonConfig config) {
        final String name = config.node().name().isEmpty()
                ? config.hostName()
                : config.node().name();
        return name.length() > NodeConfig.MAX_NAME ? name.substring(0, NodeConfig.MAX_NAME) : name;
    }
}
