package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Namespaces of its own for a chaos run, so that it may mount small disks, make networks and lose packets without touching those of the
 * machine. The run starts itself again inside; the kernel takes everything away with its last process, however that ends.
 */
public final class Enclosure {
    /** Set inside, to the parts of the machine that are the run's own. */
    private static final long LAST_WORDS_MS = 1_000;

    private static final int FAILED = 1;
    private static final int SIGNALLED = 128;
    private static final int KILL = 9;

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
    public static int run(final List<String> arguments, final Consumer<ProcessHandle> onStart) {
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
            final int hosts, final int networks, final List<String> arguments, final Consumer<ProcessHandle> onStart) {
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
            final Consumer<ProcessHandle> onStart) {
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
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(INSIDE, inside);
        builder.environment()
                .put(
                        ChildProcess.PARENT_PID,
                        Long.toString(ProcessHandle.current().pid()));
        return run(builder, onStart, System.err);
    }

    /**
     * Descriptor 2 of this process may be silent, because the launcher has set the real one aside ({@code StandardError}): what the run
     * says there is read and said again. And whatever ends it, there is a sentence about it.
     */
    static int run(final ProcessBuilder builder, final Consumer<ProcessHandle> onStart, final PrintStream err) {
        builder.redirectInput(ProcessBuilder.Redirect.INHERIT).redirectOutput(ProcessBuilder.Redirect.INHERIT);
        try {
            final Process process = builder.start();
            onStart.accept(
                    process.toHandle()); // a Process that is ended closes the pipes first, and its last words are lost
            final AtomicBoolean isSaid = new AtomicBoolean();
            final Thread errors = new Thread(() -> passOn(process, err, isSaid), "errors of the run");
            errors.setDaemon(true);
            errors.start();
            final int code = process.waitFor();
            errors.join(LAST_WORDS_MS); // not longer: what it has left behind may hold the other end
            if (code > SIGNALLED) {
                err.println("The run was ended by signal " + (code - SIGNALLED)
                        + (code == SIGNALLED + KILL
                                ? ": by somebody, or by the system for want of memory (dmesg tells)."
                                : "."));
            } else if (code == FAILED && !isSaid.get()) {
                err.println("The run ended with code 1 and did not say why; DRAGON_DEBUG=1 may show more.");
            }
            return code;
        } catch (final IOException ex) {
            throw new DragonException("The run cannot be started in namespaces of its own: " + ex.getMessage() + '.');
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new DragonException("Interrupted while the run went on in namespaces of its own.");
        }
    }

    /** Until its end; notes whether it has said anything but what every JVM with incubating modules does. */
    private static void passOn(final Process process, final PrintStream err, final AtomicBoolean isSaid) {
        try (BufferedReader lines = process.errorReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("WARNING: Using incubator modules")) {
                    err.println(line);
                    isSaid.set(true);
                }
            }
        } catch (final IOException ex) { // it has ended
            return;
        }
    }
}
