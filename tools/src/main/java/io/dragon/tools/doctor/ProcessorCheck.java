package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** Processors and pages, as far as the profile asks for the shortest latency. */
final class ProcessorCheck implements Check {
    private static final String PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";
    private static final String GOVERNOR = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";

    /** The spinning threads of a media driver and a master, and one for everything else. */
    private static final int SPINNING = 8;

    @Override
    public String name() {
        return "processors";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final String cores = host.property(Host.CORES);
        final boolean isLowLatency = needs.isLowLatency();
        if (isLowLatency && cores.matches("[0-9]+") && Integer.parseInt(cores) < SPINNING) {
            found.add(Finding.warning(
                    name(),
                    cores + " processors, and the profile low-latency lets its threads spin",
                    SPINNING + " or more",
                    "media_driver.profile: throughput, or dev"));
        } else {
            found.add(Finding.ok(name(), cores + " of them"));
        }
        final String governor = host.read(GOVERNOR);
        if (isLowLatency && "powersave".equals(governor)) {
            found.add(Finding.warning(
                    name(),
                    "their clock saves power (" + governor + ")",
                    "performance",
                    "sudo cpupower frequency-set -g" + " performance"));
        }
        pages(host, isLowLatency, found);
        return found;
    }

    private void pages(final Host host, final boolean isLowLatency, final List<Finding> found) {
        final String text = host.read(PAGES);
        if (text == null) {
            found.add(Finding.note("huge-pages", "this kernel has no transparent huge pages"));
        } else if (text.contains("[always]") && isLowLatency) {
            found.add(Finding.warning(
                    "huge-pages",
                    "transparent huge pages are made for every program (always), which stops threads now and then",
                    "madvise",
                    "echo madvise | sudo tee " + PAGES));
        } else {
            found.add(Finding.ok("huge-pages", "transparent: " + text.replaceAll("(?s).*\\[(.*)].*", "$1")));
        }
    }
}
