package io.dragon.engine.config;

import io.dragon.engine.config.ConfigFile.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** GPUs that a configuration names: those of other machines, and those that this machine does not have. */
final class NamedGpus {
    private NamedGpus() {}

    static List<DragonConfig.RemoteGpu> remote(final Set<String> paths, final ConfigValues values) {
        final List<DragonConfig.RemoteGpu> list = new ArrayList<>();
        for (int i = 0; paths.contains("remote_gpus[" + i + "].name"); i++) {
            final String prefix = "remote_gpus[" + i + "].";
            list.add(new DragonConfig.RemoteGpu(
                    values.text(prefix + "name"),
                    values.text(prefix + "hostname"),
                    values.integer(prefix + "port"),
                    values.bool(prefix + "enabled")));
        }
        return List.copyOf(list);
    }

    /** A sentence for each enabled GPU of another machine. */
    static List<String> unreachable(final Map<String, Entry> entries) {
        final List<String> lines = new ArrayList<>();
        for (int i = 0; entries.containsKey("remote_gpus[" + i + "].name"); i++) {
            final Entry enabled = entries.get("remote_gpus[" + i + "].enabled");
            final Entry name = entries.get("remote_gpus[" + i + "].name");
            if (Boolean.TRUE.equals(enabled.value())) {
                final Entry place = enabled.origin().equals("default") ? name : enabled;
                lines.add(place.origin() + ": 'remote_gpus[" + i
                        + "].enabled' is true, but remote GPUs cannot be reached yet: '" + name.value()
                        + "' is refused, expected enabled: false");
            }
        }
        return lines;
    }

    /** Whether a GPU is among those named. */
    static boolean names(final List<String> ids, final int number, final String uuid) {
        return ids.contains(Integer.toString(number)) || ids.contains(uuid);
    }

    /** One sentence; empty when every GPU named is there. */
    static Optional<String> missing(
            final String path, final String origin, final List<String> named, final Map<Integer, String> present) {
        final List<String> missing = new ArrayList<>(named);
        present.forEach((number, uuid) -> missing.removeAll(List.of(number.toString(), uuid)));
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(origin + ": '" + path + "' names GPU" + (missing.size() > 1 ? "s " : " ")
                + String.join(", ", missing) + ", but this machine has "
                + (present.isEmpty()
                        ? "no GPU that can be used: the CPU does the work"
                        : "only " + present.size() + ": they are left out")
                + ".");
    }
}
