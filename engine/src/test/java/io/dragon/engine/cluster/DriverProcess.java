package io.dragon.engine.cluster;

import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.nio.file.Path;

/** The host's media driver in a process of its own, to be killed and stopped: its directory. Ends with its standard input. */
final class DriverProcess {
    private DriverProcess() {}

    /** Starts one. */
    static MasterProcess start(final Scratch scratch, final Path directory) {
        final MasterProcess process = scratch.closing(MasterProcess.start(DriverProcess.class, directory.toString()));
        scratch.await("the media driver", () -> process.hasSaid("READY") || !process.isAlive());
        return process;
    }

    public static void main(final String[] args) throws IOException {
        try (MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(Path.of(args[0]))
                .timeouts(Timeouts.ci())
                .errorHandler(error -> System.out.println("ERROR " + error)))) {
            System.out.println("READY " + driver.aeronDirectoryName());
            while (System.in.read() >= 0) {
                continue;
            }
        }
    }
}
