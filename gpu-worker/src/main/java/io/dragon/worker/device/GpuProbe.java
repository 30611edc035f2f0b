package io.dragon.worker.device;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaError;

/**
 * The GPUs of this host, or why there is none that can be used. Looks once in the life of a process, without harm where there is no
 * driver: the runtime library asks first, because a class of the driver that finds none cannot be used until the process ends.
 *
 * @param gpus   in the order of their PCI addresses; empty where none can be used.
 * @param reason one plain sentence that says why there is none; empty when there are some.
 * @param faults a sentence for each that is there and cannot be used while others can.
 */
public record GpuProbe(List<GpuInfo> gpus, String reason, List<String> faults) {
    /** The oldest CUDA that a driver has to speak: that of the runtime library. The kernels would do with 10.0. */
    public static final int OLDEST_CUDA = 12_000;

    /** The oldest driver that speaks it. */
    public static final int OLDEST_DRIVER = 525;

    private static final int OLDEST_CAPABILITY = 7;
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/local/nvidia/lib64"),
            Path.of("/usr/lib/wsl/lib"),
            Path.of("/run/opengl-driver/lib"),
            Path.of("/usr/lib64/nvidia"));
    private static GpuProbe found;

    /**
     * Looks, at the first call, and waits for the driver no longer than {@link DriverCall} allows.
     *
     * @return always the same.
     */
    public static synchronized GpuProbe look() {
        if (found == null) {
            found = lookInTime();
        }
        return found;
    }

    private static GpuProbe lookInTime() {
        try {
            return DriverCall.within("which GPUs there are", GpuProbe::lookNow, late -> {});
        } catch (final GpuException ex) {
            return none(ex.getMessage());
        }
    }

    private static GpuProbe lookNow() {
        if (!NativeLibraries.isSupported()) {
            return none("Dragon uses GPUs on Linux with a processor of the x86-64 kind only.");
        }
        final int[] count = new int[1];
        final int[] version = new int[1];
        try {
            NativeLibraries.load("JCudaRuntime", JCuda::initialize);
            JCuda.setExceptionsEnabled(false);
            final int code = JCuda.cudaGetDeviceCount(count);
            JCuda.cudaDriverGetVersion(version);
            if (code != cudaError.cudaSuccess || count[0] == 0) {
                return none(words(code, version[0], closed(Path.of("/dev"))));
            }
            return ofDriver();
        } catch (final NativeLibraries.Unusable | GpuException ex) {
            return none(ex.getMessage());
        }
    }

    /** Those of the driver's GPUs that can run the kernels; their numbers count all. */
    static GpuProbe ofDriver() {
        final CudaGpus.Found found = CudaGpus.look();
        final List<GpuInfo> able = new ArrayList<>();
        final List<String> faults = new ArrayList<>(found.faults());
        for (final CudaGpus.Gpu gpu : found.gpus()) {
            if (gpu.info().major() >= OLDEST_CAPABILITY) {
                able.add(gpu.info());
            } else {
                faults.add("GPU " + gpu.info().ordinal() + " is too old: "
                        + gpu.info().words() + ", and compute capability 7.0 (Volta) is the least.");
            }
        }
        return able.isEmpty() ? none(String.join(" ", faults)) : new GpuProbe(able, "", List.copyOf(faults));
    }

    private static GpuProbe none(final String reason) {
        return new GpuProbe(List.of(), reason, List.of());
    }

    static String words(final int code, final int version, final List<String> closed) {
        if (code == cudaError.cudaErrorInsufficientDriver && version == 0) {
            return "there is no driver: NVIDIA's is not installed on this host (no libcuda.so.1" + elsewhere(PLACES)
                    + ").";
        }
        if (code == cudaError.cudaErrorInsufficientDriver && version >= OLDEST_CUDA) {
            return "the library libcuda.so.1 of this host, for CUDA " + GpuInfo.version(version)
                    + ", does not answer as NVIDIA's driver does.";
        }
        if (code == cudaError.cudaErrorInsufficientDriver) {
            return "NVIDIA's driver is too old: it speaks CUDA " + GpuInfo.version(version) + ", and CUDA "
                    + GpuInfo.version(OLDEST_CUDA) + " is needed (driver " + OLDEST_DRIVER + " or newer).";
        }
        if (!closed.isEmpty()) {
            return "there is no permission: " + System.getProperty("user.name") + " may not read and write "
                    + String.join(", ", closed) + ".";
        }
        final String visible = System.getenv("CUDA_VISIBLE_DEVICES");
        if (code == cudaError.cudaErrorNoDevice || code == cudaError.cudaSuccess) {
            return visible == null
                    ? "NVIDIA's driver is there, and finds no GPU (one that is to be cut into parts, MIG, and has none, is none:"
                            + " nvidia-smi -L shows it)."
                    : "NVIDIA's driver shows no GPU to this process, which has CUDA_VISIBLE_DEVICES=" + visible + ".";
        }
        return "the GPUs cannot be used: " + CudaErrors.words(code) + " (" + cudaError.stringFor(code) + ", " + code
                + ").";
    }

    /** Where containers have it, of which the system's loader is not told. */
    static String elsewhere(final List<Path> places) {
        return places.stream()
                .filter(place -> Files.exists(place.resolve("libcuda.so.1")))
                .findFirst()
                .map(place -> " where it is looked for, but one in " + place + ": set LD_LIBRARY_PATH to that")
                .orElse("");
    }

    /** What this user would have to open and may not. */
    static List<String> closed(final Path devices) {
        return closed(devices, node -> Files.isReadable(node) && Files.isWritable(node));
    }

    static List<String> closed(final Path devices, final Predicate<Path> isOpen) {
        return Stream.concat(
                        Stream.of("nvidiactl", "nvidia-uvm"),
                        IntStream.range(0, 64).mapToObj(number -> "nvidia" + number))
                .map(devices::resolve)
                .filter(Files::exists)
                .filter(isOpen.negate())
                .map(Path::toString)
                .toList();
    }
}
