package io.dragon.tools.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NVIDIA GPUs: on the bus, with a driver, new enough, and open to this user. Having none is no fault unless some are asked for. */
final class GpuCheck implements Check {
    private static final String DRIVER = "/proc/driver/nvidia/version";
    private static final Pattern VERSION = Pattern.compile("\\b(\\d{3,4})\\.\\d+(?:\\.\\d+)?\\b");
    private static final int OLDEST_DRIVER = 525;
    private static final int OLDEST_CAPABILITY = 7;

    private final Supplier<String> whyNone;

    /** With the reason why Dragon itself can use no GPU; empty when it can. */
    GpuCheck(final Supplier<String> whyNone) {
        this.whyNone = whyNone;
    }

    @Override
    public String name() {
        return "gpu";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        if (needs.refusesGpus()) {
            return List.of(Finding.ok(name(), "the configuration asks for none: the CPU does the work"));
        }
        final List<Finding> found = new ArrayList<>();
        final String driver = host.read(DRIVER);
        if (driver == null) {
            withoutDriver(host, needs, found);
        } else {
            driver(driver, needs, found);
            devices(host, needs, found);
            cards(host, needs, found);
            found.add(Finding.ok(name(), "no CUDA toolkit is needed: the driver does, kernels come compiled"));
            final String reason = whyNone.get();
            if (!reason.isEmpty()) {
                found.add(problem(
                        needs,
                        "Dragon can use no GPU: " + reason.replaceAll("\\.$", ""),
                        "one that it can use",
                        "what is said above; nvidia-smi shows whether the driver works"));
            }
        }
        return found;
    }

    private Finding problem(final Needs needs, final String is, final String expected, final String mend) {
        return needs.gpus().isEmpty()
                ? Finding.warning(name(), is, expected, mend)
                : Finding.fault(name(), is + ", and " + asked(needs), expected, mend);
    }

    private static String asked(final Needs needs) {
        return needs.gpuKey() + " asks for GPU " + Words.list(needs.gpus());
    }

    private void withoutDriver(final Host host, final Needs needs, final List<Finding> found) {
        final int cards = onBus(host);
        if (cards > 0) {
            found.add(problem(
                    needs,
                    cards + (cards == 1 ? " NVIDIA GPU is" : " NVIDIA GPUs are") + " on the bus without a driver",
                    "NVIDIA's driver " + OLDEST_DRIVER + " or newer",
                    SharedMemoryCheck.isContainer(host)
                            ? "start the container with --gpus all (NVIDIA Container Toolkit)"
                            : "sudo apt install nvidia-driver (Ubuntu: sudo ubuntu-drivers install), then restart; nvidia-smi"
                                    + " shows whether it works"));
        } else if (needs.gpus().isEmpty()) {
            found.add(Finding.note(name(), "there is no NVIDIA GPU: the CPU does the work"));
        } else {
            found.add(Finding.fault(
                    name(),
                    "there is no NVIDIA GPU, and " + asked(needs),
                    "these GPUs",
                    needs.gpuKey() + ": [] lets the CPU work; is there one, look at: lspci -nn -d 10de: , nvidia-smi"
                            + (SharedMemoryCheck.isContainer(host)
                                    ? ", and start the container with --gpus all"
                                    : "")));
        }
    }

    private static int onBus(final Host host) {
        int cards = 0;
        for (final String device : host.list("/sys/bus/pci/devices")) {
            final String folder = "/sys/bus/pci/devices/" + device;
            final String kind = host.read(folder + "/class");
            if ("0x10de".equals(host.read(folder + "/vendor"))
                    && kind != null
                    && (kind.startsWith("0x0300") || kind.startsWith("0x0302"))) {
                cards++;
            }
        }
        return cards;
    }

    private void driver(final String text, final Needs needs, final List<Finding> found) {
        final Matcher version = VERSION.matcher(text);
        if (!version.find()) {
            found.add(Finding.note(
                    name(),
                    "the version of NVIDIA's driver cannot be told: "
                            + text.lines().findFirst().orElse("")));
        } else if (Integer.parseInt(version.group(1)) < OLDEST_DRIVER) {
            found.add(problem(
                    needs,
                    "NVIDIA's driver is " + version.group(),
                    OLDEST_DRIVER + " or newer",
                    "sudo apt install nvidia-driver (Ubuntu: sudo ubuntu-drivers install), then restart"));
        } else {
            found.add(Finding.ok(name(), "NVIDIA's driver " + version.group()));
        }
    }

    /** What a program opens to reach a GPU. */
    private void devices(final Host host, final Needs needs, final List<Finding> found) {
        final List<String> nodes = new ArrayList<>(List.of("nvidiactl", "nvidia-uvm"));
        host.list("/dev").stream().filter(node -> node.matches("nvidia[0-9]+")).forEach(nodes::add);
        final List<String> missing = new ArrayList<>();
        final List<String> closed = new ArrayList<>();
        for (final String node : nodes) {
            if (!host.exists("/dev/" + node)) {
                missing.add("/dev/" + node);
            } else if (!host.isUsable("/dev/" + node)) {
                closed.add("/dev/" + node);
            }
        }
        if (nodes.size() == 2) {
            missing.add("/dev/nvidia0");
        }
        if (!missing.isEmpty()) {
            found.add(problem(
                    needs,
                    Words.list(missing) + (missing.size() == 1 ? " is" : " are") + " missing",
                    "the devices that the driver makes",
                    SharedMemoryCheck.isContainer(host)
                            ? "start the container with --gpus all"
                            : "sudo nvidia-modprobe -u -c 0"));
        }
        if (!closed.isEmpty()) {
            found.add(problem(
                    needs,
                    host.property("user.name") + " may not read and write " + Words.list(closed),
                    "permission for this user",
                    "sudo usermod -aG video,render " + host.property("user.name")
                            + ", then log in again (ls -l /dev/nvidia*" + " shows the group)"));
        }
    }

    private void cards(final Host host, final Needs needs, final List<Finding> found) {
        final Programs.Answer answer = host.programs()
                .run("nvidia-smi", "--query-gpu=index,uuid,name,compute_cap,memory.total", "--format=csv,noheader");
        if (answer == null) {
            found.add(
                    Finding.note(name(), "nvidia-smi is not installed: models and compute capability cannot be told"));
            return;
        }
        if (answer.code() != 0) {
            found.add(problem(
                    needs,
                    "nvidia-smi says: " + answer.text().lines().findFirst().orElse("nothing"),
                    "a list of GPUs",
                    "sudo dmesg | grep -i nvrm shows why; after a new driver, restart"));
            return;
        }
        final List<String> there = new ArrayList<>();
        final List<String> missing = new ArrayList<>(needs.gpus());
        for (final String line : answer.text().lines().toList()) {
            final String[] parts = line.split(", *");
            if (parts.length == 5 && parts[0].matches("[0-9]{1,3}") && parts[3].matches("[0-9]+\\.[0-9]+")) {
                there.add(parts[0]);
                missing.removeAll(List.of(parts[0], parts[1]));
                card(parts, needs, found);
            }
        }
        if (!missing.isEmpty()) {
            found.add(Finding.fault(
                    name(),
                    "GPU " + Words.list(missing) + (missing.size() == 1 ? " is" : " are")
                            + " not there: nvidia-smi lists " + (there.isEmpty() ? "none" : Words.list(there)),
                    "what " + needs.gpuKey() + " names",
                    needs.gpuKey() + ": " + there + ", or look at nvidia-smi and sudo dmesg | grep -i nvrm"));
        }
    }

    private void card(final String[] parts, final Needs needs, final List<Finding> found) {
        final String is = "GPU " + parts[0] + ": " + parts[2] + ", compute capability " + parts[3] + ", " + parts[4];
        if (Integer.parseInt(parts[3].split("\\.")[0]) >= OLDEST_CAPABILITY) {
            found.add(Finding.ok(name(), is));
        } else {
            found.add(
                    needs.gpus().contains(parts[0]) || needs.gpus().contains(parts[1])
                            ? Finding.fault(name(), is, "7.0 or newer (Volta)", "leave it out of " + needs.gpuKey())
                            : Finding.warning(
                                    name(), is, "7.0 or newer (Volta)", "name the others in " + needs.gpuKey()));
        }
    }
}
