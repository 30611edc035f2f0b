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

    /** Comes after all addresses. */
    private static final String NOWHERE = "~";

    private CudaGpus() {}

    record Gpu(CUdevice device, GpuInfo info) {}

    /** All that were found, and in words those that do not say what they are. */
    record Found(List<Gpu> gpus, List<String> faults) {}

    /** In the order of their PCI addresses, whatever order the driver has. */
    static List<Gpu> list() {
        return look().gpus();
    }

    /** One that is broken keeps its number, where its address is known, and hides none of the others. */
    static Found look() {
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
        final List<Place> places = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            places.add(place(i, version[0]));
        }
        places.sort(Comparator.comparing(Place::address));
        final List<Gpu> gpus = new ArrayList<>();
        final List<String> faults = new ArrayList<>();
        for (int number = 0; number < places.size(); number++) {
            final Place place = places.get(number);
            if (place.gpu == null) {
                faults.add("GPU " + number + (place.address.equals(NOWHERE) ? "" : " (" + place.address + ")")
                        + " cannot be used: " + place.fault);
            } else {
                gpus.add(new Gpu(place.gpu.device(), place.gpu.info().withOrdinal(number)));
            }
        }
        return new Found(gpus, faults);
    }

    /** A GPU, or why it is none that can be used. */
    private record Place(String address, Gpu gpu, String fault) {}

    private static Place place(final int index, final int version) {
        String address = NOWHERE;
        try {
            final CUdevice device = new CUdevice();
            final String doing = "asking it what it is";
            CudaErrors.check(JCudaDriver.cuDeviceGet(device, index), doing);
            address = address(device, doing);
            final Gpu gpu = look(device, index, address, version, doing);
            return new Place(address, gpu, "");
        } catch (final GpuException ex) {
            return new Place(address, null, ex.getMessage());
        }
    }

    private static String address(final CUdevice device, final String doing) {
        return String.format(
                Locale.ROOT,
                "%04x:%02x:%02x.0",
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, device, doing),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, device, doing),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, device, doing));
    }

    private static Gpu look(
            final CUdevice device, final int index, final String address, final int version, final String doing) {
        final byte[] name = new byte[MAX_NAME];
        CudaErrors.check(JCudaDriver.cuDeviceGetName(name, name.length, device), doing);
        final CUuuid uuid = new CUuuid();
        CudaErrors.check(JCudaDriver.cuDeviceGetUuid(uuid, device), doing);
        final long[] bytes = new long[1];
        CudaErrors.check(JCudaDriver.cuDeviceTotalMem(bytes, device), doing);
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
