package io.dragon.engine.config;

import static io.dragon.engine.config.ConfigKey.Scope.BOTH;
import static io.dragon.engine.config.KeyType.BOOLEAN;
import static io.dragon.engine.config.KeyType.INTEGER;
import static io.dragon.engine.config.KeyType.TIME;

import java.util.List;

/** The keys of the health of GPUs. */
final class GpuKeys {
    private static final long MS_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long DAY_NS = 24 * 3_600 * SECOND_NS;

    private GpuKeys() {}

    static void health(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                "gpu_health.enabled",
                BOOLEAN,
                BOTH,
                "true",
                "Whether workers watch their GPU, by NVML or else by nvidia-smi."));
        keys.add(ConfigKey.of(
                        "gpu_health.sample",
                        TIME,
                        BOTH,
                        "500ms",
                        "The time between two looks: an unhealthy GPU loses its work that much later at most.")
                .range(50 * MS_NS, SECOND_NS));
        keys.add(ConfigKey.of(
                        "gpu_health.disable_celsius",
                        INTEGER,
                        BOTH,
                        "90",
                        "At this temperature a GPU gets no work; 3 degrees before it switches itself off, where that is lower.")
                .range(30, 150));
        keys.add(ConfigKey.of(
                        "gpu_health.enable_celsius",
                        INTEGER,
                        BOTH,
                        "80",
                        "At or below this temperature it gets work again; lower than the other.")
                .range(20, 149));
        keys.add(ConfigKey.of(
                        "gpu_health.restore_after",
                        TIME,
                        BOTH,
                        "10s",
                        "For so long whatever was wrong must have been gone.")
                .range(SECOND_NS, DAY_NS));
        keys.add(ConfigKey.of(
                        "gpu_health.restore_after_event",
                        TIME,
                        BOTH,
                        "60s",
                        "The same after an uncorrected memory error (ECC) or a fatal error of the driver (XID).")
                .range(SECOND_NS, DAY_NS));
        keys.add(ConfigKey.of(
                        "gpu_health.fatal_xids",
                        INTEGER,
                        BOTH,
                        "46, 48, 62, 64, 74, 79, 94, 95, 109, 119, 120, 140",
                        "Errors of NVIDIA's driver (XID, by number) after which a GPU gets no work.")
                .list()
                .range(1, 999));
        keys.add(ConfigKey.of(
                        "gpu_health.warning_xids",
                        INTEGER,
                        BOTH,
                        "63, 92",
                        "Errors of NVIDIA's driver that are told, and no more.")
                .list()
                .range(1, 999));
    }
}
