package io.dragon.tools.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * How the demo talks to a group of cameras in a process of its own: lines {@code run NANOTIME}, {@code stop} and {@code counts} in; lines
 * {@code cameras IDS}, {@code done} and {@code counts ...} out. It ends with its input.
 */
final class CameraConsole {
    private static final String END = "end of input";
    private static final String STOP = "stop";

    private CameraConsole() {}

    static void serve(final CameraGroup group, final InputStream in, final PrintStream out, final BooleanSupplier stop)
            throws InterruptedException {
        out.println("cameras "
                + Arrays.stream(group.cameraIds()).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
        out.flush();
        final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
        final Thread reader = new Thread(() -> readLines(in, lines), "console");
        reader.setDaemon(true); // it may sit in a read that nothing can wake
        reader.start();
        while (!stop.getAsBoolean()) {
            final String line = lines.poll(50, TimeUnit.MILLISECONDS);
            if (line == null) {
                continue;
            }
            if (line.equals(END)) {
                return;
            }
            if (line.startsWith("run ")) {
                group.run(
                        Long.parseLong(line.substring(4)),
                        () -> stop.getAsBoolean() || lines.contains(STOP) || lines.contains(END));
                out.println("done");
            } else if (line.equals("counts")) {
                out.println("counts " + group.counts().line());
            }
            out.flush();
        }
    }

    private static void readLines(final InputStream in, final LinkedBlockingQueue<String> lines) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (final IOException ex) {
            lines.add("unreadable"); // ends as the end of input does
        }
        lines.add(END);
    }
}
