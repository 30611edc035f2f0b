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
        // one more snapshot may have become due by then: while it is taken its recordings are there beside those of the
        // two before
        scratch.await("only what two snapshots need is left", () -> {
            final Left left = left();
            return left.recordings <= 2 * 2 && left.keptFrom - left.lowest < 2 * TERM_LENGTH;
        });
        master.close();
        final Left left = left();
        assertTrue(left.lowest <= left.keptFrom, () -> "the log is there from the older snapshot on: " + left);

        final MasterNode again = scratch.closing(MasterNode.launch(context()));
        scratch.await("the master to recover from what is left", again::isReady);
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    /** What a master has on its disk: where its log begins, where the older of the last two snapshots lies, and files of snapshots. */
    private record Left(long lowest, long keptFrom, int recordings) {}

    private Left left() {
        final File archive = path("master").resolve(MasterPaths.ARCHIVE).toFile();
        final long lowest = Arrays.stream(
                        archive.list((folder, name) -> name.startsWith("0-") && name.endsWith(".rec")))
                .mapToLong(name -> Long.parseLong(name.substring(2, name.indexOf('.'))))
                .min()
                .orElseThrow();
        final int recordings = archive.list((folder, name) -> name.endsWith(".rec") && !name.startsWith("0-")).length;
        try (RecordingLog log =
                new RecordingLog(path("master").resolve(MasterPaths.CLUSTER).toFile(), false)) {
            final long[] positions = log.entries().stream()
                    .filter(entry -> entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT && entry.serviceId == 0)
                    .mapToLong(entry -> entry.logPosition)
                    .sorted()
                    .toArray();
            return new Left(lowest, positions[positions.length - 2], recordings);
        }
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
