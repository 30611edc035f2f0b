package io.dragon.tools.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;

/**
 * Who holds a port.
 *
 * @param processId its process; empty where that cannot be told.
 * @param command   its command line, words separated by spaces.
 * @param protocol  UDP or TCP.
 * @param port      the port.
 */
record PortHolder(String processId, String command, String protocol, int port) {
    private static final String MAIN = "io.dragon.tools.DragonMain";

    /** Looks for the holder among the processes that this user may look at. */
    static PortHolder of(final Host host, final String protocol, final int port) {
        final String name = protocol.toLowerCase(Locale.ROOT);
        final String inode = inode(host, "/proc/net/" + name, port);
        final String either = inode.isEmpty() ? inode(host, "/proc/net/" + name + '6', port) : inode;
        if (!either.isEmpty()) {
            for (final String process : host.list("/proc")) {
                if (process.matches("[0-9]+") && holds(host, process, either)) {
                    final String command = host.read("/proc/" + process + "/cmdline");
                    return new PortHolder(
                            process,
                            command == null ? "" : command.replace('\0', ' ').strip(),
                            protocol,
                            port);
                }
            }
        }
        return new PortHolder("", "", protocol, port);
    }

    boolean isDragon() {
        return command.contains(" " + MAIN);
    }

    /** {@code process 123 (python3)}, {@code process 124 (master)}. */
    String words() {
        if (processId.isEmpty()) {
            return "a process that only root sees";
        }
        final String program = command.split(" ")[0];
        final String name = isDragon()
                ? command.substring(command.indexOf(MAIN) + MAIN.length())
                        .strip()
                        .split(" ")[0]
                : program.substring(program.lastIndexOf('/') + 1);
        return "process " + processId + (name.isEmpty() ? "" : " (" + name + ')');
    }

    String mend() {
        return processId.isEmpty()
                ? "see which: sudo ss -lp" + (protocol.equals("UDP") ? 'u' : 't') + "n 'sport = :" + port + "'"
                : "end it: kill " + processId;
    }

    /** The socket that is bound to a port, in the kernel's table; empty where there is none. */
    private static String inode(final Host host, final String table, final int port) {
        final String text = host.read(table);
        final String wanted = String.format(Locale.ROOT, ":%04X", port);
        for (final String line : text == null ? List.<String>of() : text.lines().toList()) {
            final String[] words = line.strip().split("\\s+");
            final boolean listens = words.length > 9 && (table.contains("udp") || words[3].equals("0A"));
            if (listens && words[1].endsWith(wanted)) {
                return words[9];
            }
        }
        return "";
    }

    private static boolean holds(final Host host, final String process, final String inode) {
        final String folder = "/proc/" + process + "/fd";
        for (final String descriptor : host.list(folder)) {
            try {
                if (Files.readSymbolicLink(host.path(folder + '/' + descriptor))
                        .toString()
                        .equals("socket:[" + inode + ']')) {
                    return true;
                }
            } catch (final IOException | UnsupportedOperationException ignored) { // closed meanwhile
                continue;
            }
        }
        return false;
    }
}
