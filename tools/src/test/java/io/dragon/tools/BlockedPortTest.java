package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** "Nodes not discovering": a real firewall rule against UDP 9999, in a network of its own, where this user may make one. */
final class BlockedPortTest {
    private static final String RULE =
            "nft 'add table inet t; add chain inet t i { type filter hook input priority 0; };"
                    + " add rule inet t i udp dport 9999 drop'";

    @TempDir
    Path folder;

    @Test
    void shouldSayThatBeaconsAreBlockedAndNotWhenTheyAreLetIn() throws Exception {
        final String open = doctor("true");
        Assumptions.assumeFalse(open.contains("no network"), "no network of its own may be made here");
        assertTrue(open.contains("UDP 9999 is heard"), open);
        final String blocked = doctor(RULE);
        Assumptions.assumeFalse(blocked.contains("no network"), "no firewall rule can be made here");
        assertTrue(blocked.contains("UDP 9999 is sent and not heard: hosts will not find each other"), blocked);
        assertTrue(blocked.contains("9999") && blocked.contains("discovery.peers"), blocked);
    }

    /** What doctor says in a network with one interface, once a command has been run there. */
    private String doctor(final String first) throws IOException, InterruptedException {
        final Path said = folder.resolve("said.txt");
        final String java =
                Path.of(System.getProperty("java.home"), "bin", "java").toString();
        final String script =
                "ip link set lo up && ip link add d0 type veth peer name d1 && ip addr add 10.9.8.1/24 brd + dev d0"
                        + " && ip link set d0 up && ip link set d1 up && " + first
                        + " || { echo no network; exit 0; }\n"
                        + "exec \"$0\" --add-opens java.base/jdk.internal.misc=ALL-UNNAMED --add-opens java.base/java.util.zip=ALL-UNNAMED"
                        + " -XX:TieredStopAtLevel=1 -cp \"$1\" " + DragonMain.class.getName() + " doctor --dir \"$2\"";
        final ProcessBuilder builder = new ProcessBuilder(List.of(
                "sh",
                "-c",
                "unshare -rn true || { echo no network; exit; }; exec unshare -rn sh -c \"$3\" \"$0\" \"$1\" \"$2\"",
                java,
                System.getProperty("java.class.path"),
                folder.resolve("shared").toString(),
                script));
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().put("PATH", "/usr/sbin:/sbin:" + System.getenv("PATH"));
        final Process process =
                builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "doctor did not end");
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(said);
    }
}
