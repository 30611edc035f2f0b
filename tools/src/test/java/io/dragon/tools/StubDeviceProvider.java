package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.DeviceProvider;
import java.nio.file.Files;
import java.nio.file.Path;
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
        final String gone = System.getenv("STUB_GONE");
        return IntStream.range(
                        0, count == null || gone != null && Files.exists(Path.of(gone)) ? 0 : Integer.parseInt(count))
                .mapToObj(index -> "GPU-" + "a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0".replace('0', (char) ('0' + index)))
                .toList();
    }

    @Override
    public Device open(final String deviceId) {
        return open(deviceId, DeviceOptions.DEFAULT);
    }

    @Override
    public Device open(final String deviceId, final DeviceOptions options) {
        final String closed = System.getenv("STUB_CLOSED");
        if (closed != null) {
            throw new DragonException("GPU " + deviceId + " cannot be used: there is no permission: "
                    + System.getProperty("user.name") + " may not read and write " + closed + ".");
        }
        return CudaDevice.open(deviceId, options);
    }
}
