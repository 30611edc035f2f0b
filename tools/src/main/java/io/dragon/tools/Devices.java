package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Suggestion;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.DeviceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The devices of this machine by the names that users give them. */
final class Devices {
    private static final String CPU = "cpu";

    private Devices() {}

    /** How many GPUs there are that can be used. */
    static int gpuCount() {
        return gpuIds().size();
    }

    /** The GPUs that can be used, by their UUIDs, in the order of their numbers. */
    static List<String> gpuIds() {
        return gpuProviders().stream()
                .flatMap(provider -> provider.deviceIds().stream())
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
     * @throws DragonException in words, when there is none of this name, exit code 2, or it cannot be used, exit code 1.
     */
    static Device open(final String name, final DeviceOptions options) {
        if (name.equals(CPU)) {
            return new CpuDevice();
        }
        final List<String> known = new ArrayList<>(List.of(CPU));
        int number = 0;
        for (final DeviceProvider provider : gpuProviders()) {
            for (final String id : provider.deviceIds()) {
                if (id.equals(name) || Integer.toString(number).equals(name)) {
                    return provider.open(id, options);
                }
                known.add(id);
                number++;
            }
        }
        throw new DragonException(DragonException.WRONG_USAGE, absent(name, number, known));
    }

    /** Whether a name is one that a GPU could have. */
    static boolean isGpuName(final String name) {
        return name.matches("[0-9]{1,4}|GPU-.*|MIG-.*");
    }

    private static String absent(final String name, final int count, final List<String> known) {
        if (!isGpuName(name)) {
            return "'--device " + name + "' is no device, expected cpu, the number of a GPU, or its UUID"
                    + Suggestion.of(name, known) + ".";
        }
        return count == 0
                ? "GPU " + name + " cannot be used: " + whyNoGpu() + " '--device cpu' works everywhere."
                : "GPU " + name + " is not there: this machine has " + count + ", numbered from 0: "
                        + String.join(", ", known.subList(1, known.size())) + ".";
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
