package io.dragon.benchmarks.harness;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the figures of a run depend on.
 *
 * @param cpu         as the kernel names it
 * @param cores       that this virtual machine may use
 * @param memoryBytes of the machine; 0 where it is not told
 * @param kernel      of the operating system
 * @param jvm         that runs the benchmark
 * @param governor    of the clock rate; null where it is not readable, as in most virtual machines
 * @param loadBefore  mean number of threads that wanted a core, in the minute before
 */
public record Machine(
        String cpu, int cores, long memoryBytes, String kernel, String jvm, String governor, double loadBefore) {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path GOVERNOR = Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    private static final long KIB = 1024;

    /**
     * This machine, now.
     *
     * @return the facts
     */
    public static Machine look() {
        final String memory = valueIn(MEMORY, "MemTotal");
        return new Machine(
                valueIn(CPU, "model name"),
                Runtime.getRuntime().availableProcessors(),
                memory == null ? 0 : Long.parseLong(memory.replaceAll("[^0-9]", "")) * KIB,
                System.getProperty("os.name") + ' ' + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + ' ' + Runtime.version(),
                firstLine(GOVERNOR),
                load());
    }

    /**
     * How busy the machine is.
     *
     * @return threads that wanted a core, the mean of the last minute
     */
    public static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /**
     * Whether something else ran before: then the figures are hints.
     *
     * @return true above half the cores
     */
    public boolean wasBusy() {
        return loadBefore > cores / 2.0;
    }

    Map<String, Object> toJson(final double loadAfter) {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("cpu", cpu);
        json.put("cores", cores);
        json.put("memoryBytes", memoryBytes);
        json.put("kernel", kernel);
        json.put("jvm", jvm);
        json.put("governor", governor);
        json.put("loadBefore", loadBefore);
        json.put("loadAfter", loadAfter);
        return json;
    }

    private static String valueIn(final Path file, final String key) {
        try {
            for (final String line : Files.readAllLines(file)) {
                if (line.startsWith(key) && line.indexOf(':') > 0) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (final IOException e) {
            return null; // a system without these files
        }
        return null;
    }

    private static String firstLine(final Path file) {
        try {
            return Files.readString(file).strip();
        } catch (final IOException e) {
            return null;
        }
    }
}
