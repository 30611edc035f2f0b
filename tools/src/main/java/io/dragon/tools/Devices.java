package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Suggestion;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.Device;
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
        return gpuProviders().stream()
                .mapToInt(provider -> provider.deviceIds().size())
                .sum();
    }

    /**
     * Opens a device.
     *
     * @param name {@code cpu}, the number of a GPU, or its UUID.
     * @throws DragonException in words, when there is none of this name; exit code 2.
     */
    static Device open(final String name) {
        if (name.equals(CPU)) {
            return new CpuDevice();
        }
        final List<String> known = new ArrayList<>(List.of(CPU));
        int number = 0;
        for (final DeviceProvider provider : gpuProviders()) {
            for (final String id : provider.deviceIds()) {
                if (id.equals(name) || Integer.toString(number).equals(name)) {
                    return provider.open(id);
                }
                known.add(id);
                number++;
            }
        }
        throw new DragonException(DragonException.WRONG_USAGE, absent(name, number, known));
    }

    private static String absent(final String name, final int count, final List<String> known) {
        if (!name.matches("[0-9]{1,4}|GPU-.*|MIG-.*")) {
            return "'--device " + name + "' is no device, expected cpu, the number of a GPU, or its UUID"
                    + Suggestion.of(name, known) + ".";
        }
        return count == 0
                ? "GPU " + name
                        + " cannot be used: this machine has no GPU that Dragon can use. '--device cpu' works everywhere."
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
