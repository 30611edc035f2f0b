package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.cluster.Scratch;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClientAgentTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Scratch scratch = new Scratch();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldCloseTheClientWithTheReasonWhenItsThreadFailsForGood() {
        final DragonDirectory directory =
                DragonDirectory.of(scratch.directory().resolve("dragon")).create();
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(directory.aeron())
                .dragonDirectory(directory.path())
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)));
        final DragonClient.Context context = new DragonClient.Context()
                .directory(directory)
                .aeronDirectoryName(master.aeronDirectoryName())
                .name("fragile")
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError);
        final DragonClient client = scratch.closing(DragonClient.connect(context));
        final TaskHandle open = client.submit(TaskRequest.of("nobody runs this"), TIMEOUT);
        client.call(() -> {
            throw new InternalError("a mapping that is gone");
        });
        final TaskOutcome outcome = open.await(TIMEOUT);
        assertFalse(outcome.isCompleted());
        assertTrue(outcome.toString().contains("a mapping that is gone"), outcome::toString);
        final DragonException refused =
                assertThrows(DragonException.class, () -> client.submit(TaskRequest.of("another"), TIMEOUT));
        assertEquals(
                "client 'fragile' is closed, because the client's thread failed: java.lang.InternalError: a mapping"
                        + " that is gone",
                refused.getMessage());
        assertEquals(DragonClient.CLOSED, client.trySubmit(TaskRequest.of("another")));
        assertFalse(client.isConnected());
        client.close();
        scratch.closing(DragonClient.connect(context)); // its name and its lock are free again
    }
}
