package io.dragon.tools;

import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.CudaDriver;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.DeviceProvider;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The GPUs of a {@link StubDriver}, in processes that have its variables and in no other: the runtime library, which asks for GPUs first, does
 * not take it for NVIDIA's driver. From here on all is as with a real one.
 */
public final class StubDeviceProvider implements DeviceProvider {
    /** For {@link java.util.ServiceLoader}. */
    public StubDeviceProvider() {}

    @Override
    public String kind() {
        return "stub";
    }

    @Override
    public List<String> deviceIds() {
        final String count = System.getenv("STUB_DEVICES");
        return IntStream.range(0, count == null ? 0 : Integer.parseInt(count))
                .mapToObj(index -> "GPU-" + "a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0".replace('0', (char) ('0' + index)))
                .toList();
    }

    @Override
    public Device open(final String deviceId) {
        return open(deviceId, DeviceOptions.DEFAULT);
    }

    @Override
    public Device open(final String deviceId, final DeviceOptions options) {
        return new CudaDevice(CudaDriver.open(deviceId), options);
    }
}
