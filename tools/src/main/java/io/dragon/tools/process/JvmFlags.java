package io.dragon.tools.process;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The flags of this Java that its children need too: what may be opened, called and used without a warning, and the classes that are shared. */
public final class JvmFlags {
    private static final String[] PASSED_ON = {
        "--add-", "--enable-", "--sun-misc-", "-Xshare:", "-XX:SharedArchiveFile=", "-Xlog:cds"
    };

    /** Commands whose threads hand messages on, and compute next to nothing. */
    private static final Set<String> SERVERS = Set.of("media-driver", "master", "gpu-server");

    private static final int LAST_KNOWN = 25;
    private static final String ROOT = "root";

    private JvmFlags() {}

    /**
     * Those that a server has beside {@link #ofChildren}, as {@code tools/bin/dragon} gives them: its compilers give way to its other threads
     * (nice 5), which otherwise wait for a core for up to 5 ms while it warms up. Not for a worker, whose handlers use all cores there are, so
     * that its compilers would get nowhere.
     *
     * @param command of {@code dragon}.
     * @return in their order; none for another command, or another Java than those that are known.
     */
    public static List<String> of(final String command) {
        if (!SERVERS.contains(command) || Runtime.version().feature() > LAST_KNOWN) {
            return List.of();
        }
        final List<String> flags =
                new ArrayList<>(List.of("-XX:ThreadPriorityPolicy=1", "-XX:CompilerThreadPriority=5"));
        if (!ROOT.equals(System.getProperty("user.name"))) {
            flags.add(
                    "-XX:-PrintWarnings"); // it warns that others than root cannot raise a priority, which nobody wants
        }
        return flags;
    }

    /**
     * Those that this process was started with, so that a Java which does not know one is not given it.
     *
     * @return in their order.
     */
    public static List<String> ofChildren() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> Stream.of(PASSED_ON).anyMatch(flag::startsWith))
                .toList();
    }
}
