package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The hosts that this run stands on, and what can be done to the links between them: everything by way of the script {@code dragon-hosts},
 * which has built them and started this run in host a. One thread.
 *
 * <pre>
 *   host a 10.77.1.1 --- switch --- host b 10.77.1.2
 *                          +------- host c 10.77.1.3
 *                          +------- ...
 *   of two networks, the second is the same with 10.77.2
 * </pre>
 */
final class HostNetwork {
    /** Names the folder in which the script keeps what it has built. */
    static final String STATE = "DRAGON_HOSTS_STATE";

    /** The exit code of the script where no hosts can be made; it has said why. */
    static final int SKIPPED = 77;

    /** The address at which every host hears. */
    static final String BROADCAST = "10.77.1.255";

    private static final String SCRIPT = "dragon-hosts";
    private static final int PARENTS = 3;

    private final String script;
    private final String state;

    HostNetwork() {
        script = script();
        state = System.getenv(STATE);
        if (state == null) {
            throw new DragonException("This run was not started by " + SCRIPT + '.');
        }
    }

    /** The script: beside the classes of a checkout, or the jars of a distribution. */
    static String script() {
        try {
            Path folder = Path.of(HostNetwork.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (int i = 0; i < PARENTS && folder != null; i++) {
                folder = folder.getParent();
                for (final String bin : List.of("bin", "tools/bin")) {
                    final Path script =
                            folder == null ? null : folder.resolve(bin).resolve(SCRIPT);
                    if (script != null && Files.isExecutable(script)) {
                        return script.toString();
                    }
                }
            }
        } catch (final URISyntaxException ex) {
            throw new DragonException("The folder of Dragon's classes has no path: " + ex.getMessage() + '.');
        }
        throw new DragonException(
                "The script " + SCRIPT + " is not there, neither in bin nor in tools/bin of Dragon's folder.");
    }

    /** Networks that each host has: 10.77.1.0 and, of two, 10.77.2.0. */
    int count() {
        try {
            return Integer.parseInt(Files.readString(Path.of(state, "networks")).strip());
        } catch (final IOException | NumberFormatException ex) {
            throw new DragonException("The networks of these hosts cannot be counted: " + ex + '.');
        }
    }

    static String address(final char host) {
        return "10.77.1." + (host - 'a' + 1);
    }

    static String name(final char host) {
        return "host-" + host;
    }

    /** What a command begins with that is to run in a host. */
    List<String> prefix(final char host) {
        return List.of(script, "run", String.valueOf(host));
    }

    /** What processes of a host need to be told, so that the script finds it. */
    Map<String, String> environment() {
        return Map.of(STATE, state);
    }

    void cut(final char a, final char b) {
        run("cut", String.valueOf(a), String.valueOf(b));
    }

    void join(final char a, final char b) {
        run("join", String.valueOf(a), String.valueOf(b));
    }

    void lose(final int percent) {
        run("lose", Integer.toString(percent));
    }

    /** As {@code tbf} takes it; off for none. */
    void rate(final String rate) {
        run("rate", rate);
    }

    /** The longest packet of every link, in bytes. */
    void mtu(final int bytes) {
        run("mtu", Integer.toString(bytes));
    }

    void unplug(final char host) {
        run("link", String.valueOf(host), "off");
    }

    /** Pulls the plug of one network of a host. */
    void unplug(final char host, final int number) {
        run("link", String.valueOf(host), "off", "--network", Integer.toString(number));
    }

    void plugIn(final char host) {
        run("link", String.valueOf(host), "on");
    }

    /** kill -9 of every process of a host. */
    void kill(final char host) {
        run("kill", String.valueOf(host));
    }

    /** How many packets were dropped on purpose since the hosts were built. */
    long dropped() {
        final String text = Shell.output(List.of(script, "dropped")).strip();
        if (!text.matches("\\d+")) {
            throw new DragonException("The packets that were dropped cannot be counted: " + text);
        }
        return Long.parseLong(text);
    }

    /** Puts a host behind a wire that does things to packets until its process is closed. */
    ChildProcess wire(final char host, final Path folder, final List<String> options) {
        final List<String> prefix = new ArrayList<>(List.of(script, "wire", String.valueOf(host)));
        prefix.addAll(options);
        prefix.add("--");
        return ChildProcess.start(prefix, "wire-" + host, folder, environment(), "64m", List.of("chaos-wire"));
    }

    private void run(final String... words) {
        final List<String> command = new ArrayList<>();
        command.add(script);
        command.addAll(List.of(words));
        Shell.run(command.toArray(String[]::new));
    }
}
