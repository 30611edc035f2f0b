package io.dragon.worker.check;

import io.dragon.worker.device.GpuInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What there is to know of a GPU before anything runs on it, each fact in words. */
final class GpuFacts {
    private static final Path DEVICES = Path.of("/sys/bus/pci/devices");
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final int MOST_NAMES = 12;
    private static final String UNKNOWN = "not known";

    private final Path devices;
    private final Path driverVersion;
    private final Function<List<String>, List<String>> missingSymbols;

    GpuFacts() {
        this(DEVICES, DRIVER, NeededSymbols::missing);
    }

    GpuFacts(final Path devices, final Path driverVersion, final Function<List<String>, List<String>> missingSymbols) {
        this.devices = devices;
        this.driverVersion = driverVersion;
        this.missingSymbols = missingSymbols;
    }

    Map<String, String> of(final GpuInfo info) {
        final Map<String, String> facts = new LinkedHashMap<>();
        facts.put("gpu", info.name());
        facts.put("uuid", info.uuid());
        facts.put("pci", info.pciBusId());
        facts.put("computeCapability", info.major() + "." + info.minor());
        facts.put("multiprocessors", Integer.toString(info.multiprocessors()));
        facts.put("memory", String.format(Locale.ROOT, "%.1f GiB", info.memoryBytes() / (double) (1L << 30)));
        facts.put("cuda", GpuInfo.version(info.cudaVersion()));
        facts.put("driver", firstLine(driverVersion));
        final Path device = devices.resolve(info.pciBusId().toLowerCase(Locale.ROOT));
        facts.put("link", link(device, "current"));
        facts.put("linkAtMost", link(device, "max"));
        facts.put("numaNode", firstLine(device.resolve("numa_node")));
        facts.put("symbols", symbols());
        facts.put(
                "host",
                Runtime.getRuntime().availableProcessors() + " processors, "
                        + firstLine(Path.of("/proc/sys/kernel/osrelease")) + ", Java "
                        + System.getProperty("java.version"));
        return facts;
    }

    private static String link(final Path device, final String which) {
        final String speed = firstLine(device.resolve(which + "_link_speed"));
        final String width = firstLine(device.resolve(which + "_link_width"));
        return speed.equals(UNKNOWN) ? UNKNOWN : speed + " x" + width;
    }

    private String symbols() {
        try {
            final List<String> needed = NeededSymbols.all();
            if (needed.isEmpty()) {
                return UNKNOWN;
            }
            final List<String> missing = missingSymbols.apply(needed);
            return missing.isEmpty()
                    ? "all " + needed.size() + " that JCuda calls are there"
                    : missing.size() + " of the " + needed.size() + " that JCuda calls are missing: "
                            + String.join(", ", missing.subList(0, Math.min(MOST_NAMES, missing.size())))
                            + (missing.size() > MOST_NAMES ? ", ..." : "");
        } catch (final IOException | LinkageError ex) {
            return "not looked at: "
                    + String.valueOf(ex.getMessage()).lines().findFirst().orElse("");
        }
    }

    private static String firstLine(final Path file) {
        try {
            return Files.readString(file)
                    .lines()
                    .findFirst()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .orElse(UNKNOWN);
        } catch (final IOException | RuntimeException ex) {
            return UNKNOWN;
        }
    }
}
