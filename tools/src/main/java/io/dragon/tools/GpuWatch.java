package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.GpuHealthConfig;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.health.GpuHealth;
import io.dragon.worker.device.health.HealthSettings;
import java.util.Set;
import org.slf4j.Logger;

/** Has a GPU watched, as the configuration says. */
final class GpuWatch {
    private GpuWatch() {}

    /** Nothing for a CPU. */
    static void begin(final Device device, final DragonConfig config, final Logger log) {
        if (device instanceof CudaDevice gpu) {
            gpu.watchedBy(GpuHealth.watch(
                    gpu.id(),
                    settings(config.gpuHealth()),
                    error -> log.warn("watching the GPU: {}", String.valueOf(error.getMessage()))));
        }
    }

    static HealthSettings settings(final GpuHealthConfig config) {
        return new HealthSettings(
                config.isEnabled(),
                config.sampleNs(),
                config.disableCelsius(),
                config.enableCelsius(),
                config.restoreAfterNs(),
                config.restoreAfterEventNs(),
                Set.copyOf(config.fatalXids()),
                Set.copyOf(config.warningXids()));
    }
}
