package io.dragon.worker;

import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceHealth;

/** The processor as a device on which a test has its eye: it overrides what it watches. */
class WatchedProcessor implements Device {
    private final Device processor = new CpuDevice(1);
    private final String id;

    WatchedProcessor(final String id) {
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String description() {
        return "a watched processor";
    }

    @Override
    public long memoryBytes() {
        return processor.memoryBytes();
    }

    @Override
    public long freeBytes() {
        return processor.freeBytes();
    }

    @Override
    public int computeUnits() {
        return 1;
    }

    @Override
    public DeviceHealth health() {
        return processor.health();
    }
}
