package io.dragon.tools.process;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;

/** The flags of this Java that its children need too: what may be opened, called and used without a warning, and the classes that are shared. */
public final class JvmFlags {
    private static final String[] PASSED_ON = {
        "--add-", "--enable-", "--sun-misc-", "-Xshare:", "-XX:SharedArchiveFile=", "-Xlog:cds"
    };

    private JvmFlags() {}

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
