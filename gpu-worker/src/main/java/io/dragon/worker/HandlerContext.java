package io.dragon.worker;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.worker.device.Device;

/** What a handler learns about the worker it runs in, before its first task. */
public interface HandlerContext {
    /**
     * Name of the worker.
     *
     * @return as configured.
     */
    String workerName();

    /**
     * The device that tasks run on.
     *
     * @return the worker's device.
     */
    Device device();

    /**
     * The directory of shared memory of this host.
     *
     * @return where pools and locks lie.
     */
    DragonDirectory directory();
}
