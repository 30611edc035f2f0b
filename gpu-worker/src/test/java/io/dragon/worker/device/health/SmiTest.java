package io.dragon.worker.device.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** nvidia-smi played by a shell. */
class SmiTest {
    private static final String ROW = "61, 43, 143771, 9419, 312.35, 700.00, 7, 0, No";

    @TempDir
    Path folder;

    private final AtomicLong nowNs = new AtomicLong();

    private GpuSample sample(final String script) throws IOException {
        final Path file = Files.writeString(folder.resolve("smi"), script);
        return new Smi(List.of("/bin/sh", file.toString()), "GPU-1", 20_000, nowNs::get).sample();
    }

    @Test
    void shouldReadARow() throws IOException {
        final GpuSample sample = sample("[ \"$1\" = --id=GPU-1 ] && echo '" + ROW + ", 0x0000000000000044'");
        assertEquals(
                new GpuSample(
                        "",
                        GpuSample.Access.REACHED,
                        61,
                        -1,
                        43,
                        143_771L << 20,
                        9_419L << 20,
                        312_350,
                        700_000,
                        7,
                        0,
                        0x44,
                        -1,
                        -1,
                        0,
                        List.of()),
                sample);
    }

    @Test
    void shouldTakeWhatIsNotAvailableForUnknownAndNeverForNothing() throws IOException {
        final GpuSample sample =
                sample("echo '[N/A], [Not Supported], N/A, [Unknown Error], [N/A], [N/A], [N/A], [N/A], [N/A], [N/A]'");
        assertEquals(
                new GpuSample(
                        "", GpuSample.Access.REACHED, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, List.of()),
                sample);
        final GpuSample reset = sample("echo '[GPU requires reset], [GPU requires reset], 1, 1, 1, 1, 1, 1, No, 0x0'");
        assertEquals(GpuSample.Access.NEEDS_RESET, reset.access());
    }

    @Test
    void shouldAskByTheOlderNameWhereTheNewerIsNotKnownAndGoWithoutWhereNoneIs() throws IOException {
        final String refuse =
                "*$1*) echo 'Field \"x\" is not a valid field to query.'; echo; exit 2;;".replace("*$1*", "%s");
        final String older = "case \"$*\" in " + refuse.formatted("*clocks_event*") + " *clocks_throttle*) echo '" + ROW
                + ", 0x8';; esac";
        assertEquals(8, sample(older).throttleBits());
        final String none = "case \"$*\" in " + refuse.formatted("*clocks*") + " *) echo '" + ROW + "';; esac";
        final GpuSample sample = sample(none);
        assertEquals("", sample.unknown());
        assertEquals(-1, sample.throttleBits());
        assertEquals(61, sample.temperatureCelsius());
    }

    @Test
    void shouldNotTakeAnythingElseForASample() throws IOException {
        assertEquals(
                "nvidia-smi answers what was not asked: 61, 43",
                sample("echo 61, 43").unknown());
        assertEquals(
                "nvidia-smi answers what was not asked: " + ROW + ", 0x0",
                sample("echo '" + ROW + ", 0x0'; echo '" + ROW + ", 0x0'").unknown());
        assertEquals(
                "nvidia-smi answers what is no number: 'hot'",
                sample("echo '" + ROW.replace("61", "hot") + ", 0x0'").unknown());
        assertEquals(
                "nvidia-smi answers what was not asked: nothing", sample("true").unknown());
        assertEquals(
                "nvidia-smi does not find the GPU: No devices were found",
                sample("echo No devices were found; exit 6").unknown());
        assertEquals("nvidia-smi says: why", sample("echo why; exit 9").unknown());
    }

    @Test
    void shouldSeeAGpuThatIsLost() throws IOException {
        assertEquals(GpuSample.Access.LOST, sample("exit 15").access());
        assertEquals(
                GpuSample.Access.LOST,
                sample("echo 'Unable to determine the device handle for GPU0: GPU is lost.  Reboot the system'; exit 1")
                        .access());
    }

    @Test
    void shouldEndOneThatHangs() throws Exception {
        final Path pid = folder.resolve("pid");
        final Path file = Files.writeString(folder.resolve("smi"), "echo $$ > " + pid + "; exec sleep 600");
        final Smi smi = new Smi(List.of("/bin/sh", file.toString()), "0", 300, nowNs::get);
        assertEquals("nvidia-smi has not answered within 300 ms", smi.sample().unknown());
        final long process = Long.parseLong(Files.readString(pid).strip());
        final long deadlineNs = System.nanoTime() + 5_000_000_000L;
        while (ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false)) {
            assertTrue(System.nanoTime() < deadlineNs, "it is still there");
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldSayThatThereIsNone() {
        assertEquals(
                "there is no nvidia-smi",
                new Smi(List.of(folder.resolve("nothing").toString()), "0", 1_000, nowNs::get)
                        .sample()
                        .unknown());
    }

    @Test
    void shouldRunOnceASecondAndNoMore() throws IOException {
        final Path runs = folder.resolve("runs");
        final Path file = Files.writeString(folder.resolve("smi"), "echo run >> " + runs + "; echo '" + ROW + ", 0x0'");
        final Smi smi = new Smi(List.of("/bin/sh", file.toString()), "0", 20_000, nowNs::get);
        for (int i = 0; i < 50; i++) {
            smi.sample();
            nowNs.addAndGet(19_999_999); // 50 times that is less than a second
        }
        assertEquals(1, Files.readAllLines(runs).size());
        nowNs.addAndGet(50);
        smi.sample();
        assertEquals(2, Files.readAllLines(runs).size());
    }

    @Test
    void shouldNeverTakeTimeForAFault() throws IOException {
        final Path file = Files.writeString(folder.resolve("smi"), "echo '" + ROW + ", 0x0'");
        final Smi smi = new Smi(List.of("/bin/sh", file.toString()), "0", 20_000, nowNs::get);
        assertEquals(Long.MAX_VALUE, smi.patienceNs());
        assertEquals("", smi.sample().unknown());
        assertEquals(Long.MAX_VALUE, smi.patienceNs(), "also when it has answered fast once");
    }
}
