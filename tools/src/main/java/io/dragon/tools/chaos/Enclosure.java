package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Namespaces of its own for a chaos run, so that it may mount small disks, make networks and lose packets without touching those of the
 * machine. The run starts itself again inside; the kernel takes everything away with its last process, however that ends.
 */
public final class Enclosure {
    /** Set inside, to the parts of the machine that are the run's own. */
    private static final String INSIDE = "DRAGON_CHAOS_INSIDE";

    private static final String MOUNTS = "mounts";
    private static final String NETWORK = "network";
    private static final String HOSTS = "hosts";

    private Enclosure() {}

    /**
     * Whether this process is inside already.
     *
     * @return true for the run that {@link #run} started.
     */
    public static boolean isInside() {
        return System.getenv(INSIDE) != null;
    }

    /** Whether file systems can be mounted without anybody outside seeing them. */
    static boolean hasMounts() {
        return isInside() && System.getenv(INSIDE).contains(MOUNTS);
    }

    /** Whether networks can be made without anybody outside seeing them. */
    static boolean hasNetwork() {
        return isInside() && System.getenv(INSIDE).contains(NETWORK);
    }

    /**
     * Runs this command again inside namespaces of its own.
     *
     * @param arguments of {@code dragon}.
     * @param onStart   told the process, so that a signal can be passed on.
     * @return its exit code; -1 when this machine does not allow it and nothing was run.
     * @throws DragonException when it cannot be started.
     */
    public static int run(final List<String> arguments, final Consumer<Process> onStart) {
        final Map<String, List<String>> ways = new LinkedHashMap<>();
        final String both = MOUNTS + ',' + NETWORK;
        ways.put(both, List.of("unshare", "--mount", "--net"));
        ways.put(both + ",user", List.of("unshare", "--user", "--map-root-user", "--mount", "--net"));
        ways.put(MOUNTS, List.of("unshare", "--mount"));
        for (final Map.Entry<String, List<String>> way : ways.entrySet()) {
            final List<String> probe = new ArrayList<>(way.getValue());
            probe.add("true");
            if (Shell.succeeds(probe)) {
                return run(way.getKey(), way.getValue(), arguments, onStart);
            }
        }
        return -1;
    }

    /**
     * Whether this process is in a host that {@link #runOnHosts} has made.
     *
     * @return true for the run that it started.
     */
    public static boolean isOnHosts() {
        return isInside() && System.getenv(INSIDE).contains(HOSTS);
    }

    /**
     * Runs this command again in the first of several hosts of its own; they are taken down when it ends, however it does.
     *
     * @param hosts     how many.
     * @param networks  that each of them is on, 1 or 2.
     * @param arguments of {@code dragon}.
     * @param onStart   told the process, so that a signal can be passed on.
     * @return its exit code; -1 when this machine does not allow hosts, which has been said.
     * @throws DragonException when it cannot be started.
     */
    public static int runOnHosts(
            final int hosts, final int networks, final List<String> arguments, final Consumer<Process> onStart) {
        // Hosts that the user has made are left alone.
        final List<String> prefix = new ArrayList<>(
                List.of("env", "-u", "DRAGON_HOSTS_STATE", HostNetwork.script(), "with", Integer.toString(hosts)));
        if (networks > 1) {
            prefix.addAll(List.of("--networks", Integer.toString(networks)));
        }
        prefix.add("--");
        final int code = run(HOSTS, prefix, arguments, onStart);
        return code == HostNetwork.SKIPPED ? -1 : code;
    }

    private static int run(
            final String inside,
            final List<String> prefix,
            final List<String> arguments,
            final Consumer<Process> onStart) {
        final List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
                command.add(flag);
            }
        }
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.dragon.tools.DragonMain");
        command.addAll(arguments);
        final ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put(INSIDE, inside);
        builder.environment()
                .put(
                        ChildProcess.PARENT_PID,
                        Long.toString(ProcessHandle.current().pid()));
        try {
            final Process process = builder.start();
            onStart.accept(process);
            return process.waitFor();
        } catch (final IOException ex) {
            throw new DragonException("The run cannot be started in namespaces of its own: " + ex.getMessage() + '.');
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new DragonException("Interrupted while the run went on in namespaces of its own.");
        }
    }
}
