package io.dragon.worker.device;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A source of devices of one kind, found by {@link java.util.ServiceLoader}: the host's processor is always there, a CUDA
 * provider adds its GPUs.
 */
public interface DeviceProvider {
    /**
     * The kind of its devices.
     *
     * @return for instance {@code cpu} or {@code cuda}.
     */
    String kind();

    /**
     * The devices of this host.
     *
     * @return their ids in a fixed order; empty where there is none, never an exception because a driver is missing.
     */
    List<String> deviceIds();

    /**
     * The devices of this host by their numbers; where one cannot be used, its number is left out, and the others keep theirs.
     *
     * @return ids by numbers.
     */
    default SortedMap<Integer, String> numbered() {
        final SortedMap<Integer, String> numbered = new TreeMap<>();
        deviceIds().forEach(id -> numbered.put(numbered.size(), id));
        return numbered;
    }

    /**
     * What is wrong with those that are there and cannot be used, while others can.
     *
     * @return a sentence for each.
     */
    default List<String> faults() {
        return List.of();
    }

    /**
     * Why there are no devices.
     *
     * @return one plain sentence; empty when there are some, or when there is nothing to say.
     */
    default String reason() {
        return "";
    }

    /**
     * Opens one device for this process.
     *
     * @param deviceId one of {@link #deviceIds()}.
     * @return the device, to be closed by the caller.
     */
    Device open(String deviceId);

    /**
     * Opens one device for this process.
     *
     * @param deviceId one of {@link #deviceIds()}.
     * @param options  how it is used.
     * @return the device, to be closed by the caller.
     */
    default Device open(final String deviceId, final DeviceOptions options) {
        return open(deviceId);
    }
}
