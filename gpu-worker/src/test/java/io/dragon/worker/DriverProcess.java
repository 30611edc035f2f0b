package io.dragon.worker;

import io.dragon.engine.cluster.MediaDriverNode;
import java.io.IOException;
import java.nio.file.Path;

/** The host's media driver as a process of its own: its directory. Ends with its standard input. */
final class DriverProcess {
    private DriverProcess() {}

    public static void main(final String[] args) throws IOException {
        try (MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(Path.of(args[0]))
                .timeouts(MasterProcess.TIMEOUTS)
                .errorHandler(error -> System.out.println("ERROR " + error)))) {
            System.out.println("READY " + driver.aeronDirectoryName());
            while (System.in.read() >= 0) {
                continue;
            }
        }
    }
}
