package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aeron.AeronCounters;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.engine.frame.PoolStatus;
import io.dragon.tools.process.DriverFile;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two looks at a host, as text. */
final class StatReportTest {
    private static final Path SHARED = Path.of("/dev/shm/d");

    private static HostLook look(final long seconds, final long bytes, final long frames, final boolean isAlive) {
        final long millis = 1_000_000 + 1_000 * seconds;
        return new HostLook(
                SHARED,
                List.of(new HostLook.Driver(
                        SHARED.resolve("aeron"),
                        isAlive,
                        77,
                        millis - 250,
                        List.of(
                                new DriverFile.Counter(0, 0, "Bytes sent", "", bytes),
                                new DriverFile.Counter(5, 0, "NAKs sent", "", 3),
                                new DriverFile.Counter(
                                        9,
                                        AeronCounters.DRIVER_HEARTBEAT_TYPE_ID,
                                        "client-heartbeat: 12 name=w1",
                                        "w1",
                                        millis - 40),
                                new DriverFile.Counter(
                                        12, AeronCounters.CLUSTER_NODE_ROLE_TYPE_ID, "Cluster node role", "cm", 2)),
                        List.of(new DriverFile.Fault(4, 0, 990_000, "java.io.IOException: no\n\tat there")))),
                List.of(new PoolStatus(
                        0xabcL,
                        "cam",
                        5,
                        true,
                        false,
                        FullPolicy.WAIT,
                        16,
                        10,
                        4096,
                        frames,
                        1,
                        2,
                        3,
                        4,
                        1,
                        2,
                        3,
                        2,
                        List.of())),
                List.of(new HostLook.Holder("workers", "w1", false, 78)),
                List.of(),
                millis,
                seconds * 1_000_000_000);
    }

    private static List<String> lines(final HostLook first, final HostLook before, final HostLook now) {
        return new StatReport(first, before, now, "", ZoneOffset.UTC).lines();
    }

    @Test
    void shouldShowOneLookWithoutRates() {
        assertEquals(
                List.of(
                        "MEDIA DRIVER      STATE  PID       HEARD  CLIENTS  ERRORS",
                        "/dev/shm/d/aeron  alive   77  250 ms ago        1       4",
                        "",
                        "PROCESS  OF       STATE   PID",
                        "w1       workers  killed   78",
                        "",
                        "FRAME POOL OF  PID  STATE     SIZE  FILLING+READABLE  HELD  READ  FRAMES  DROPPED              POOL",
                        "cam              5  alive  4.0 KiB         1+2 of 16     3     2     100       10  0000000000000abc",
                        "",
                        "TIMES                 LAST  IN     ERROR",
                        "    4  1970-01-01 00:16:30  aeron  java.io.IOException: no",
                        "",
                        "VALUE  UNIT    CLIENT  COUNTER IN aeron",
                        " 2000  bytes   -       Bytes sent",
                        "    3  count   -       NAKs sent",
                        "   40  ms ago  w1      client-heartbeat: 12 name=w1",
                        "    2  leader  cm      Cluster node role"),
                lines(null, null, look(0, 2_000, 100, true)));
    }

    @Test
    void shouldMakeRatesOfTwoLooksAndPutWhatMovesFirst() {
        final HostLook first = look(0, 3_000, 100, true);
        final List<String> lines = lines(first, look(2, 3_000, 100, true), look(4, 4_000, 103, true));
        assertEquals(
                "cam              5  alive  4.0 KiB         1+2 of 16     3     2     103  1.5       10  0000000000000abc",
                lines.get(7));
        assertEquals(
                List.of(
                        "VALUE   /S  UNIT    CLIENT  COUNTER IN aeron",
                        " 4000  500  bytes   -       Bytes sent",
                        "    3       count   -       NAKs sent"),
                lines.subList(12, 15));
        assertEquals(
                " 1000      bytes   -       Bytes sent",
                lines(null, first, look(4, 1_000, 1, true)).get(13));
    }

    @Test
    void shouldSayWhatIsWrong() {
        assertEquals("", StatReport.trouble(look(0, 0, 0, true), SHARED.resolve("aeron")));
        assertEquals(
                "The media driver in /dev/shm/d/aeron is dead (process 77, heard 250 ms ago): what it has left is shown."
                        + " 'dragon-start' or 'dragon media-driver' starts another.",
                StatReport.trouble(look(0, 0, 0, false), SHARED.resolve("aeron")));
    }
}
