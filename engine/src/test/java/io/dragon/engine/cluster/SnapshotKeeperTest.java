package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.RecordingLog;
import io.dragon.engine.config.Timeouts;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SnapshotKeeperTest {
    private static final int TERM_LENGTH = 64 * 1_024;

    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldKeepTwoSnapshotsAndTheirLogAndPurgeTheRest() {
        final MasterNode master = MasterNode.launch(context().snapshotLogBytes(3 * TERM_LENGTH));
        final TestClient client = new TestClient("busy", TestClient.context(scratch, master, Timeouts.ci()));
        int sent = 0;
        while (master.snapshotCount() < 4) {
            sent += 1_000;
            client.send(1_000);
            final int wanted = sent;
            scratch.await("results", () -> client.distinct >= wanted);
        }
        scratch.await(
                "what is old to be looked for", () -> master.snapshotKeeper().purges() >= 4);
        client.close();
        final File archive = path("master").resolve(MasterPaths.ARCHIVE).toFile();
        final long keptFrom;
        try (RecordingLog log =
                new RecordingLog(path("master").resolve(MasterPaths.CLUSTER).toFile(), false)) {
            final long[] positions = log.entries().stream()
                    .filter(entry -> entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT && entry.serviceId == 0)
                    .mapToLong(entry -> entry.logPosition)
                    .sorted()
                    .toArray();
            keptFrom = positions[positions.length - 2];
        }
        final long lowest = Arrays.stream(archive.list((folder, name) -> name.startsWith("0-")))
                .mapToLong(name -> Long.parseLong(name.substring(2, name.indexOf('.'))))
                .min()
                .orElseThrow();
        assertTrue(lowest <= keptFrom, "the log is there from the older snapshot on");
        assertTrue(keptFrom - lowest < 2 * TERM_LENGTH, "and only from there: " + lowest + " " + keptFrom);
        final int recordings = archive.list((folder, name) -> name.endsWith(".rec") && !name.startsWith("0-")).length;
        assertTrue(recordings <= 2 * 2, "two snapshots of two recordings each are left, not " + recordings);
        master.close();

        final MasterNode again = scratch.closing(MasterNode.launch(context()));
        scratch.await("the master to recover from what is left", again::isReady);
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    private MasterContext context() {
        return new MasterContext()
                .directory(path("master"))
                .mediaDriverDirectory(path("aeron"))
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(TERM_LENGTH)
                .service(new EchoService())
                .errorHandler(scratch::onError);
    }

    private Path path(final String name) {
        return scratch.directory().resolve(name);
    }
}
