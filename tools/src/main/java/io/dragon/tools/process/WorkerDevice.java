package io.dragon.tools.process;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The device of a worker that is to be a process of its own.
 *
 * @param name        as {@code dragon worker --device} takes it.
 * @param environment variables that the process needs beside those of this one.
 */
public record WorkerDevice(String name, Map<String, String> environment) {
    /** All cores. */
    public static final WorkerDevice CPU = new WorkerDevice("cpu", Map.of());

    private static final String CACHE = "CUDA_CACHE_PATH";
    private static final String NATIVES = "DRAGON_NATIVES";

    /**
     * One GPU: the process sees no other, and keeps what its driver compiles with the rest of what Dragon keeps.
     *
     * @param uuid of the GPU.
     * @return the device.
     */
    public static WorkerDevice gpu(final String uuid) {
        final Map<String, String> environment = new HashMap<>();
        environment.put("CUDA_VISIBLE_DEVICES", uuid);
        environment.put("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        if (System.getenv(CACHE) == null) {
            environment.put(
                    CACHE,
                    Path.of(System.getProperty("user.home"), ".cache", "dragon", "cuda")
                            .toString());
        }
        if (System.getenv(NATIVES) != null) {
            environment.put(NATIVES, System.getenv(NATIVES));
        }
        return new WorkerDevice(uuid, Map.copyOf(environment));
    }

    /**
     * Whether it is the processor.
     *
     * @return false for a GPU.
     */
    public boolean isCpu() {
        return name.equals(CPU.name);
    }
}
