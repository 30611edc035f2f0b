package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Suggestion;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.DeviceProvider;
import io.dragon.worker.device.DriverCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The devices of this machine by the names that users give them. */
final class Devices {
    private static final String CPU = "cpu";

    /** A part of a GPU (MIG). */
    private static final String PART = "MIG-";

    static {
        DriverCall.whenSlow(sentence -> System.err.println(sentence));
    }

    private Devices() {}

    /** One more than the highest number of a GPU that can be used; 0 where there is none. */
    static int gpuCount() {
        final SortedMap<Integer, String> gpus = gpus();
        return gpus.isEmpty() ? 0 : gpus.lastKey() + 1;
    }

    /** The GPUs that can be used: their UUIDs by their numbers, in the order of their PCI addresses. */
    static SortedMap<Integer, String> gpus() {
        final SortedMap<Integer, String> gpus = new TreeMap<>();
        gpuProviders().forEach(provider -> gpus.putAll(provider.numbered()));
        return gpus;
    }

    /** A sentence for each GPU that is there and cannot be used, while others can. */
    static List<String> gpuFaults() {
        return gpuProviders().stream()
                .flatMap(provider -> provider.faults().stream())
                .toList();
    }

    /** Why there is no GPU that can be used, in one sentence; empty when there are some. */
    static String whyNoGpu() {
        return gpuCount() > 0
                ? ""
                : gpuProviders().stream()
                        .map(DeviceProvider::reason)
                        .filter(reason -> !reason.isEmpty())
                        .findFirst()
                        .orElse("this machine has no GPU that Dragon can use.");
    }

    /**
     * Opens a device.
     *
     * @param name    {@code cpu}, the number of a GPU, or its UUID.
     * @param options how a GPU is used.
     * @throws DragonException in words, when there is none of this name among those that are there, exit code 2, or it cannot be used, or
     *                         perhaps cannot, exit code 1.
     */
    static Device open(final String name, final DeviceOptions options) {
        if (name.equals(CPU)) {
            return new CpuDevice();
        }
        final List<String> known = new ArrayList<>(List.of(CPU));
        for (final DeviceProvider provider : gpuProviders()) {
            for (final Map.Entry<Integer, String> gpu : provider.numbered().entrySet()) {
                if (gpu.getValue().equals(name) || gpu.getKey().toString().equals(name)) {
                    return provider.open(gpu.getValue(), options);
                }
                known.add(gpu.getValue());
            }
        }
        final boolean isBroken = isGpuName(name)
                && !name.startsWith(PART)
                && (known.size() == 1 || !gpuFaults().isEmpty());
        throw new DragonException(isBroken ? DragonException.FAILED : DragonException.WRONG_USAGE, absent(name, known));
    }

    /** Whether a name is one that a GPU could have. */
    static boolean isGpuName(final String name) {
        return name.matches("[0-9]{1,4}|GPU-.*|MIG-.*");
    }

    private static String absent(final String name, final List<String> known) {
        if (!isGpuName(name)) {
            return "'--device " + name + "' is no device, expected cpu, the number of a GPU, or its UUID"
                    + Suggestion.of(name, known) + ".";
        }
        if (name.startsWith(PART)) {
            return name
                    + " is a part of a GPU (MIG), and Dragon works on whole ones: name the GPU, and switch its parts"
                    + " off (sudo nvidia-smi -i N -mig 0).";
        }
        final List<String> gpus = known.subList(1, known.size());
        final String faults = String.join(" ", gpuFaults());
        return gpus.isEmpty()
                ? "GPU " + name + " cannot be used: " + whyNoGpu() + " '--device cpu' works everywhere."
                : "GPU " + name + " is not there: this machine has " + gpus.size() + ", numbered from 0: "
                        + String.join(", ", gpus) + "." + (faults.isEmpty() ? "" : " " + faults);
    }

    private static List<DeviceProvider> gpuProviders() {
        final List<DeviceProvider> providers = new ArrayList<>();
        ServiceLoader.load(DeviceProvider.class).forEach(provider -> {
            if (!provider.kind().equals(CPU)) {
                providers.add(provider);
            }
        });
        return providers;
    }
}
