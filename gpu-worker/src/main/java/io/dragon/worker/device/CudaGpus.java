package io.dragon.worker.device;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/** The GPUs that this process sees, by the driver's calls; only where {@link GpuProbe} has found a driver. */
final class CudaGpus {
    private static final int MAX_NAME = 256;

    private CudaGpus() {}

    record Gpu(CUdevice device, GpuInfo info) {}

    /** In the order of their PCI addresses, whatever order the driver has. */
    static List<Gpu> list() {
        try {
            NativeLibraries.load("JCudaDriver", () -> JCudaDriver.setExceptionsEnabled(false));
        } catch (final NativeLibraries.Unusable ex) {
            throw new GpuException(GpuException.NO_DEVICE, "CUDA_ERROR_NO_DEVICE", ex.getMessage());
        }
        CudaErrors.check(JCudaDriver.cuInit(0), "starting NVIDIA's driver");
        final int[] count = new int[1];
        CudaErrors.check(JCudaDriver.cuDeviceGetCount(count), "counting GPUs");
        final int[] version = new int[1];
        CudaErrors.check(JCudaDriver.cuDriverGetVersion(version), "asking for the driver's version");
        final List<Gpu> found = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            found.add(look(i, version[0]));
        }
        found.sort(Comparator.comparing(gpu -> gpu.info().pciBusId()));
        final List<Gpu> numbered = new ArrayList<>();
        for (final Gpu gpu : found) {
            numbered.add(new Gpu(gpu.device(), gpu.info().withOrdinal(numbered.size())));
        }
        return numbered;
    }

    private static Gpu look(final int index, final int version) {
        final CUdevice device = new CUdevice();
        final String doing = "asking GPU " + index + " what it is";
        CudaErrors.check(JCudaDriver.cuDeviceGet(device, index), doing);
        final byte[] name = new byte[MAX_NAME];
        CudaErrors.check(JCudaDriver.cuDeviceGetName(name, name.length, device), doing);
        final CUuuid uuid = new CUuuid();
        CudaErrors.check(JCudaDriver.cuDeviceGetUuid(uuid, device), doing);
        final long[] bytes = new long[1];
        CudaErrors.check(JCudaDriver.cuDeviceTotalMem(bytes, device), doing);
        final String address = String.format(
                Locale.ROOT,
                "%04x:%02x:%02x.0",
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, device, doing),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, device, doing),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, device, doing));
        return new Gpu(
                device,
                new GpuInfo(
                        index,
                        text(name),
                        words(uuid.bytes),
                        address,
                        attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device, doing),
                        attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device, doing),
                        attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device, doing),
                        bytes[0],
                        version));
    }

    private static int attribute(final int which, final CUdevice device, final String doing) {
        final int[] value = new int[1];
        CudaErrors.check(JCudaDriver.cuDeviceGetAttribute(value, which, device), doing);
        return value[0];
    }

    private static String text(final byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8).trim();
    }

    private static String words(final byte[] uuid) {
        final String hex = HexFormat.of().formatHex(uuid);
        return "GPU-" + hex.substring(0, 8) + '-' + hex.substring(8, 12) + '-' + hex.substring(12, 16) + '-'
                + hex.substring(16, 20) + '-' + hex.substring(20, 32);
    }
}
