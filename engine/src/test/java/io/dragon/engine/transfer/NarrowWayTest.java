package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.ConcurrentPublication;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A way that takes shorter packets than the streams have: what had to travel in fragments before has to travel so still. */
class NarrowWayTest {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final String CHANNEL = "aeron:udp?endpoint=127.0.0.1:23456|mtu=1408";
    private static final String CARRIED = "carried";

    @TempDir
    Path folder;

    /** A socket that was told to cut packets refused every one of full length there, also when it went alone, and the stream stood still. */
    @Test
    void shouldCarryPacketsThatTheWayTakesInFragmentsOnly() throws Exception {
        final Path said = folder.resolve("said.txt");
        final List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "unshare -rn true || { echo no network; exit; }; exec unshare -rn sh -c"
                        + " 'ip link set lo mtu 1400 up || { echo no network; exit; }; exec \"$0\" \"$@\"' \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        for (final String opened : List.of("jdk.internal.misc", "sun.nio.ch")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NarrowWayTest.class.getName(),
                folder.resolve("aeron").toString()));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PATH", "/usr/sbin:/sbin:" + System.getenv("PATH"));
        final Process process =
                builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            assertTrue(process.waitFor(90, TimeUnit.SECONDS), "it did not end");
        } finally {
            process.destroyForcibly();
        }
        final String words = Files.readString(said);
        Assumptions.assumeFalse(words.contains("no network"), "no network of its own may be made here");
        assertEquals(CARRIED, words.lines().reduce("", (before, line) -> line), words);
    }

    /**
     * The other process.
     *
     * @param args where its driver is.
     */
    public static void main(final String[] args) {
        try (MediaDriver driver = MediaDriver.launch(DatagramBatches.apply(new MediaDriver.Context())
                        .aeronDirectoryName(args[0])
                        .threadingMode(ThreadingMode.SHARED)
                        .sharedIdleStrategy(new SleepingIdleStrategy(50_000))
                        .publicationTermBufferLength(1 << 20)
                        .dirDeleteOnStart(true)
                        .dirDeleteOnShutdown(true));
                Aeron aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));
                Subscription subscription = aeron.addSubscription(CHANNEL, 1);
                ConcurrentPublication publication = aeron.addPublication(CHANNEL, 1)) {
            carry(publication, subscription, 2_000);
            carry(publication, subscription, 60_000);
            System.out.println(CARRIED);
        }
    }

    /** One message after the other: a packet of full length and a shorter one, or dozens that could go out with one call. */
    private static void carry(
            final ConcurrentPublication publication, final Subscription subscription, final int length) {
        final UnsafeBuffer message = new UnsafeBuffer(new byte[length]);
        final int[] came = new int[1];
        final FragmentAssembler assembler = new FragmentAssembler((buffer, offset, size, header) -> {
            if (size != length) {
                throw new IllegalStateException("a message of " + size + " bytes");
            }
            came[0]++;
        });
        final long beganNs = System.nanoTime();
        for (int sent = 0; came[0] < 50; ) {
            if (sent == came[0] && publication.offer(message) > 0) {
                sent++;
            }
            if (subscription.poll(assembler, 16) == 0) {
                LockSupport.parkNanos(100_000);
            }
            if (System.nanoTime() - beganNs > DEADLINE_NS) {
                throw new IllegalStateException(came[0] + " of 50 messages of " + length + " bytes came");
            }
        }
    }
}
