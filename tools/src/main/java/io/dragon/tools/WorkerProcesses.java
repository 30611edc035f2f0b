package io.dragon.tools;

import io.dragon.engine.node.WorkerLauncher;
import io.dragon.engine.node.WorkerProcess;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.JvmFlags;
import io.dragon.tools.process.WorkerDevice;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Starts {@code dragon worker} as processes of their own: the Java, the class path and the flags of this process, and the options
 * that the user gave it. Each has a pipe from this process as its standard input, whose end it takes for the end of this process,
 * however that came; what it writes is passed on line by line.
 */
final class WorkerProcesses implements WorkerLauncher {
    private static final String CPU = "cpu";

    /** Time, level, role and id of a line of a log. */
    private static final Pattern HEAD =
            Pattern.compile("^\\d{4}-\\d\\d-\\d\\dT\\S+ (TRACE|DEBUG|INFO|WARN|ERROR) +\\S+ \\S+ ");

    private final Map<String, String> devices;
    private final List<String> options;
    private final BiConsumer<String, String> output;

    /**
     * @param devices of the workers, by their names.
     * @param options of {@code dragon worker}, for all of them.
     * @param output  takes the name of a worker and a line that it wrote; called on a thread of each.
     */
    WorkerProcesses(
            final Map<String, String> devices, final List<String> options, final BiConsumer<String, String> output) {
        this.devices = devices;
        this.options = options;
        this.output = output;
    }

    @Override
    public WorkerProcess launch(final String name) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JvmFlags.ofChildren());
        addWords(command, "DRAGON_HEAP_OPTS");
        addWords(command, "DRAGON_JVM_OPTS");
        command.addAll(List.of("-Djava.awt.headless=true", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(DragonMain.class.getName(), "worker", "--name", name));
        command.addAll(List.of("--device", devices.get(name)));
        command.addAll(options);
        final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put(
                        ChildProcess.PARENT_PID,
                        Long.toString(ProcessHandle.current().pid()));
        builder.environment().put(ParentWatch.PARENT_PIPE, "1");
        builder.environment().remove("DRAGON_STDERR_FD");
        if (!devices.get(name).equals(CPU)) {
            builder.environment().putAll(WorkerDevice.gpu(devices.get(name)).environment());
        }
        return new Child(name, builder.start());
    }

    private static void addWords(final List<String> command, final String variable) {
        final String words = System.getenv(variable);
        if (words != null && !words.isBlank()) {
            command.addAll(List.of(words.trim().split("\\s+")));
        }
    }

    /** What a line says, without what every line of a log begins with. */
    static String plain(final String line) {
        return HEAD.matcher(line).replaceFirst("").trim();
    }

    /** Whether a line is one of a log, which names its process itself. */
    static boolean isOfLog(final String line) {
        return HEAD.matcher(line).find();
    }

    private static boolean isOfJvm(final String line) {
        return line.startsWith("WARNING: Using incubator");
    }

    private final class Child implements WorkerProcess {
        private final String name;
        private final Process process;
        private final Thread reader;
        private volatile String lastWords = "";
        private volatile long endedNs;
        private volatile boolean isEnded;

        private Child(final String name, final Process process) {
            this.name = name;
            this.process = process;
            reader = new Thread(this::read, "output-of-" + name);
            reader.setDaemon(true);
            reader.start();
            process.onExit().thenRun(this::onEnd);
        }

        private void onEnd() {
            endedNs = System.nanoTime();
            try {
                reader.join(100); // its last words are on their way
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
            isEnded = true;
        }

        private void read() {
            try (BufferedReader lines = process.inputReader(Charset.defaultCharset())) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (!line.isBlank() && !isOfJvm(line)) {
                        lastWords = plain(line);
                        output.accept(name, line);
                    }
                }
            } catch (final IOException ex) {
                lastWords = "its output was lost: " + ex.getMessage();
            }
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public boolean isAlive() {
            return !isEnded;
        }

        @Override
        public long endedNs() {
            return endedNs;
        }

        @Override
        public int exitCode() {
            return process.exitValue();
        }

        @Override
        public String lastWords() {
            return lastWords;
        }

        @Override
        public void terminate() {
            process.toHandle().destroy(); // the process's own would close the pipes first
        }

        @Override
        public void kill() {
            process.toHandle().destroyForcibly();
        }
    }
}
