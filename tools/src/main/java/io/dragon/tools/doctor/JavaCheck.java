package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** The Java that runs Dragon: its version, its word length, and what Aeron needs opened. */
final class JavaCheck implements Check {
    /** A property made for this check: whether a package of {@code java.base} is open to Dragon. */
    static final String OPENS = "dragon.opens.";

    /** A property made for this check: whether this Java brings the module of the vector instructions. */
    static final String VECTOR = "dragon.vector";

    static final List<String> OPENED = List.of("jdk.internal.misc", "java.util.zip");

    private static final int OLDEST = 17;

    @Override
    public String name() {
        return "java";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final String version = host.property("java.version");
        final String architecture = host.property("os.arch");
        if (major(version) < OLDEST) {
            found.add(Finding.fault(
                    name(),
                    "Java " + version,
                    "17 or newer",
                    "point JAVA_HOME at a Java 17 or newer, as in: sudo apt" + " install openjdk-17-jdk-headless"));
        }
        if (!host.property("os.name").equals("Linux") || !architecture.equals("amd64")) {
            found.add(Finding.fault(
                    name(),
                    host.property("os.name") + " on " + architecture,
                    "Linux on amd64 (x86-64)",
                    "use a Java for" + " Linux, x86-64"));
        }
        for (final String opened : OPENED) {
            if (!host.property(OPENS + opened).equals("true")) {
                found.add(Finding.fault(
                        name(),
                        "the package " + opened + " is closed to Dragon",
                        "the options that tools/bin/dragon gives",
                        "--add-opens java.base/" + opened + "=ALL-UNNAMED"));
            }
        }
        if (found.isEmpty()) {
            found.add(Finding.ok(name(), version + ", " + host.property("java.vm.name")));
        }
        if (!host.property(VECTOR).equals("true")) {
            found.add(Finding.note(
                    name(),
                    "it comes without the module jdk.incubator.vector: hashing and masks on the CPU are slower; a whole JDK"
                            + " has it"));
        }
        return found;
    }

    private static int major(final String version) {
        final String[] parts = version.split("[.+-]");
        final String first = parts[0].equals("1") && parts.length > 1 ? parts[1] : parts[0];
        return first.matches("[0-9]{1,4}") ? Integer.parseInt(first) : 0;
    }
}
