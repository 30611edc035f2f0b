package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.GpuHealthConfig;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.HealthSource;
import io.dragon.worker.device.health.GpuHealth;
import io.dragon.worker.device.health.HealthSettings;
import java.util.Set;
import org.slf4j.Logger;

/** Has a GPU watched, as the configuration says, and logs how it is whenever that changes. */
final class GpuWatch {
    private final Device device;
    private final HealthSource source;
    private final Logger log;
    private boolean isSourceTold;
    private DeviceHealth.State told = DeviceHealth.State.OK;

    private GpuWatch(final Device device, final HealthSource source, final Logger log) {
        this.device = device;
        this.source = source;
        this.log = log;
    }

    /** Watches nothing for a CPU. */
    static GpuWatch begin(final Device device, final DragonConfig config, final Logger log) {
        if (!(device instanceof CudaDevice gpu)) {
            return new GpuWatch(device, HealthSource.NONE, log);
        }
        final HealthSource source = GpuHealth.watch(
                gpu.id(),
                settings(config.gpuHealth()),
                error -> log.warn("watching the GPU: {}", String.valueOf(error.getMessage())));
        gpu.watchedBy(source);
        return new GpuWatch(device, source, log);
    }

    /** To be called now and then. */
    void look() {
        if (!isSourceTold && source instanceof GpuHealth gpu && !gpu.words().isEmpty()) {
            isSourceTold = true;
            log.info("the GPU is watched by {}", gpu.words());
        }
        final DeviceHealth health = device.health();
        if (health.state() != told && (isSourceTold || health.state() == DeviceHealth.State.FAILED)) {
            told = health.state();
            switch (told) {
                case OK -> log.info("the device is well");
                case FAILED -> log.error("the device gets no work: {}", health.text());
                default -> log.warn("the device: {}", health.text());
            }
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
