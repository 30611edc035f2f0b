package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.dragon.engine.config.ConfigLoader;
import io.dragon.engine.config.DragonConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientContextTest {
    @TempDir
    Path folder;

    private ConfigLoader loader() {
        return DragonConfig.loader()
                .environment(Map.of())
                .folders(folder, folder)
                .flag("dragon.dir", folder.resolve("d").toString());
    }

    @Test
    void shouldFindTheMastersThatTheConfigurationNames() {
        final ClientContext ctx = ClientContext.of(loader().flag("masters.members", "10.0.1.1,10.0.1.2,10.0.1.3")
                .flag("timeouts.profile", "ha")
                .load());
        assertEquals("0=10.0.1.1:9900,1=10.0.1.2:9910,2=10.0.1.3:9920", ctx.ingressEndpoints());
        assertNull(ctx.discovery(), "who is told has nothing to look for");
        assertEquals(folder.resolve("d"), ctx.directory().path());
        assertEquals(folder.resolve("d").resolve("aeron").toString(), ctx.aeronDirectoryName());
    }

    @Test
    void shouldLookForMastersWhereNoneIsNamed() {
        final ClientContext ctx = ClientContext.of(loader().load());
        assertNull(ctx.ingressEndpoints());
        assertNotNull(ctx.discovery());
        assertNull(ClientContext.of(loader().flag("discovery.enabled", "false").load())
                .discovery());
    }

    @Test
    void shouldTakeATimeoutForEver() {
        assertEquals(5, DragonClient.nanos(Duration.ofNanos(5)));
        assertEquals(Duration.ofDays(36_500).toNanos(), DragonClient.nanos(ChronoUnit.FOREVER.getDuration()));
    }
}
