package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace for each master, joined by a bridge to the one of everybody else; packets that arrive over it can be lost.
 *
 * <pre>
 *   everybody else 10.213.0.254 --- bridge --- master 0  10.213.0.1
 *                                     +------- master 1  10.213.0.2
 *                                     +------- ...
 * </pre>
 */
final class LossyNetwork {
    private static final String PREFIX = "10.213.0.";
    private static final String BRIDGE = "dragon0";
    private static final String TABLE = "dragon_chaos";

    private final int members;

    private LossyNetwork(final int members) {
        this.members = members;
    }

    /** Why there can be none here, in words; null when there can. */
    static String whyNot() {
        if (!Enclosure.hasNetwork()) {
            return "network namespaces are not allowed here";
        }
        if (!Shell.succeeds("ip", "-V")) {
            return "the program 'ip' is missing (package iproute2)";
        }
        if (!Shell.succeeds("nft", "--version")) {
            return "the program 'nft' is missing (package nftables)";
        }
        return null;
    }

    /** Only loopback, so that processes of the run find each other. */
    static void loopback() {
        Shell.run("ip", "link", "set", "lo", "up");
    }

    static LossyNetwork make(final int members) {
        Shell.run("mount", "-t", "tmpfs", "dragon-chaos", "/run"); // where the names of namespaces are kept
        Shell.run("ip", "link", "add", BRIDGE, "type", "bridge");
        Shell.run("ip", "addr", "add", PREFIX + "254/24", "dev", BRIDGE);
        Shell.run("ip", "link", "set", BRIDGE, "up");
        for (int i = 0; i < members; i++) {
            final String name = namespace(i);
            Shell.run("ip", "netns", "add", name);
            Shell.run("ip", "link", "add", "dragon-m" + i, "type", "veth", "peer", "name", "eth0", "netns", name);
            Shell.run("ip", "link", "set", "dragon-m" + i, "master", BRIDGE, "up");
            Shell.run("ip", "-n", name, "addr", "add", address(i) + "/24", "dev", "eth0");
            Shell.run("ip", "-n", name, "link", "set", "eth0", "up");
            Shell.run("ip", "-n", name, "link", "set", "lo", "up");
        }
        return new LossyNetwork(members);
    }

    static String address(final int member) {
        return PREFIX + (member + 1);
    }

    /** What a command begins with that is to run beside a master's address. */
    static List<String> prefix(final int member) {
        return List.of("nsenter", "--net=/run/netns/" + namespace(member));
    }

    /** So many of a hundred packets get lost on their arrival, in every namespace. */
    void lose(final int percent) {
        for (int i = -1; i < members; i++) {
            final String rules = "table inet " + TABLE + " { chain arriving { type filter hook input priority 0; "
                    + "iifname != \"lo\" meta l4proto udp numgen random mod 100 < " + percent + " counter drop; }; }";
            run(i, "nft", rules);
        }
    }

    /** None gets lost any more; answers how many were. */
    long heal() {
        long lost = 0;
        for (int i = -1; i < members; i++) {
            lost += dropped(i);
            run(i, "nft", "delete table inet " + TABLE);
        }
        return lost;
    }

    private long dropped(final int member) {
        final String rules = Shell.output(command(member, "nft", "list table inet " + TABLE));
        final int at = rules.indexOf("counter packets ");
        if (at < 0) {
            throw new DragonException("The packets that were lost cannot be counted.");
        }
        return Long.parseLong(rules.substring(at + "counter packets ".length()).split(" ")[0]);
    }

    private static void run(final int member, final String... command) {
        Shell.run(command(member, command).toArray(String[]::new));
    }

    private static List<String> command(final int member, final String... command) {
        final List<String> all = new ArrayList<>(member < 0 ? List.of() : prefix(member));
        all.addAll(List.of(command));
        return all;
    }

    private static String namespace(final int member) {
        return "master-" + member;
    }
}
