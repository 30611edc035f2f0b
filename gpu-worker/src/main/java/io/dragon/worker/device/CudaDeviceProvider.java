package io.dragon.worker.device;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The GPUs of this host that NVIDIA's driver knows, by their UUIDs, in the order of their PCI addresses. */
public final class CudaDeviceProvider implements DeviceProvider {
    /** For {@link java.util.ServiceLoader}. */
    public CudaDeviceProvider() {}

    @Override
    public String kind() {
        return "cuda";
    }

    @Override
    public List<String> deviceIds() {
        return GpuProbe.look().gpus().stream().map(GpuInfo::uuid).toList();
    }

    @Override
    public SortedMap<Integer, String> numbered() {
        final SortedMap<Integer, String> numbered = new TreeMap<>();
        GpuProbe.look().gpus().forEach(gpu -> numbered.put(gpu.ordinal(), gpu.uuid()));
        return numbered;
    }

    @Override
    public List<String> faults() {
        return GpuProbe.look().faults();
    }

    @Override
    public String reason() {
        return GpuProbe.look().reason();
    }

    @Override
    public Device open(final String deviceId) {
        return open(deviceId, DeviceOptions.DEFAULT);
    }

    @Override
    public Device open(final String deviceId, final DeviceOptions options) {
        return CudaDevice.open(deviceId, options);
    }
}
