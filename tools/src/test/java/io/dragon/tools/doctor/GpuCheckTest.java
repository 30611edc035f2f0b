package io.dragon.tools.doctor;

import static io.dragon.tools.doctor.Finding.Level.FAULT;
import static io.dragon.tools.doctor.Finding.Level.NOTE;
import static io.dragon.tools.doctor.Finding.Level.OK;
import static io.dragon.tools.doctor.Finding.Level.WARNING;
import static io.dragon.tools.doctor.HostKit.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** "GPU not detected", in each of its forms, and "RDMA not available". */
final class GpuCheckTest {
    private static final String UUID = "GPU-01234567-89ab-cdef-0123-456789abcdef";

    private static final String OPEN_DRIVER =
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.105.08  Release Build  (root@host)\n"
                    + "GCC version:  gcc version 12.2.0\n";

    @TempDir
    Path root;

    private final GpuCheck check = new GpuCheck(() -> "");
    private HostKit kit;

    @BeforeEach
    void make() {
        kit = new HostKit(root);
    }

    private void install() {
        kit.file("/proc/driver/nvidia/version", OPEN_DRIVER)
                .file("/dev/nvidiactl", "")
                .file("/dev/nvidia-uvm", "")
                .file("/dev/nvidia0", "")
                .program("nvidia-smi", 0, "0, GPU-a, NVIDIA H200, 9.0, 143771 MiB");
    }

    private void plugIn() {
        kit.file("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n")
                .file("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n")
                .file("/sys/bus/pci/devices/0000:01:00.1/vendor", "0x10de\n")
                .file("/sys/bus/pci/devices/0000:01:00.1/class", "0x040300\n");
    }

    @Test
    void shouldStateThatThereIsNoneAndCallItAFaultOnlyWhereOneIsAskedFor() {
        kit.assertWell(check);
        assertEquals(
                "there is no NVIDIA GPU: the CPU does the work",
                kit.only(check, NOTE).text());
        kit.flag("gpu.device_ids", "0,1");
        assertSays(
                kit.only(check, FAULT),
                "there is no NVIDIA GPU, and gpu.device_ids asks for GPU 0, 1",
                "gpu.device_ids: [] lets the CPU work",
                "nvidia-smi");
    }

    @Test
    void shouldSayThatAGpuHasNoDriver() {
        plugIn();
        assertSays(
                kit.only(check, WARNING),
                "1 NVIDIA GPU is on the bus without a driver",
                "525 or newer",
                "sudo apt install nvidia-driver");
        kit.flag("gpu.device_ids", "0");
        assertSays(kit.only(check, FAULT), "gpu.device_ids asks for GPU 0", "nvidia-smi shows whether it works");
        kit.file("/.dockerenv", "");
        assertSays(kit.only(check, FAULT), "--gpus all");
    }

    @Test
    void shouldKnowTheDriverAndTheModel() {
        install();
        kit.assertWell(check);
        final List<Finding> found = kit.look(check);
        assertEquals("NVIDIA's driver 580.105.08", found.get(0).text());
        assertEquals(
                "GPU 0: NVIDIA H200, compute capability 9.0, 143771 MiB",
                found.get(1).text());
        assertEquals(
                "no CUDA toolkit is needed: the driver does, kernels come compiled",
                found.get(2).text());
        assertSays(kit.only(new GpuCheck(() -> "a reason."), WARNING), "Dragon can use no GPU: a reason", "nvidia-smi");
        kit.file(
                "/proc/driver/nvidia/version",
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\n");
        assertSays(kit.only(check, WARNING), "NVIDIA's driver is 470.256.02", "525 or newer");
        kit.flag("gpu.device_ids", "0");
        assertSays(kit.only(check, FAULT), "470.256.02", "then restart");
    }

    @Test
    void shouldSayWhichGpuIsTooOldOrNotThere() {
        install();
        kit.program(
                "nvidia-smi",
                0,
                "0, GPU-a, Tesla P100-PCIE-16GB, 6.0, 16384 MiB\n1, GPU-b, NVIDIA A100, 8.0, 40960 MiB");
        assertSays(kit.only(check, WARNING), "GPU 0: Tesla P100", "compute capability 6.0", "7.0 or newer");
        kit.flag("gpu.device_ids", "0,1");
        assertSays(kit.only(check, FAULT), "GPU 0", "leave it out of gpu.device_ids");
        kit.flag("gpu.device_ids", "1," + UUID);
        assertSays(kit.only(check, FAULT), "GPU " + UUID + " is not there: nvidia-smi lists 0, 1");
        kit.program(
                "nvidia-smi", 0, "0, " + UUID + ", Tesla P100, 6.0, 16384 MiB\n1, GPU-b, NVIDIA A100, 8.0, 40960 MiB");
        assertSays(kit.only(check, FAULT), "GPU 0", "leave it out of gpu.device_ids");
        kit.flag("gpu.device_ids", "1,3");
        assertSays(kit.only(check, FAULT), "GPU 3 is not there: nvidia-smi lists 0, 1", "gpu.device_ids: [0, 1]");
    }

    @Test
    void shouldSayWhatKeepsADriverFromBeingUsed() throws IOException {
        install();
        kit.program("nvidia-smi", 9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.");
        assertSays(kit.only(check, WARNING), "NVIDIA-SMI has failed", "dmesg");
        kit.without("nvidia-smi");
        assertSays(kit.only(check, NOTE), "nvidia-smi is not installed");
        Files.delete(root.resolve("dev/nvidia-uvm"));
        assertSays(kit.only(check, WARNING), "/dev/nvidia-uvm is missing", "sudo nvidia-modprobe");
        kit.file("/dev/nvidia-uvm", "");
        kit.forbid("/dev/nvidia0");
        assertSays(kit.only(check, WARNING), "may not read and write /dev/nvidia0", "usermod -aG video,render");
    }

    @Test
    void shouldNotLookWhereNoneIsWanted() {
        kit.flag("gpu.device_ids", "");
        assertTrue(kit.only(check, OK).found().contains("asks for none"));
    }

    @Test
    void shouldStateWhetherThereIsRdmaAndThatNoneIsNeeded() {
        assertSays(kit.only(new RdmaCheck(), NOTE), "there is none, and none is needed", "UDP or TCP");
        kit.folder("/sys/class/infiniband/mlx5_0");
        assertSays(kit.only(new RdmaCheck(), NOTE), "mlx5_0 is there and not used yet");
    }
}
