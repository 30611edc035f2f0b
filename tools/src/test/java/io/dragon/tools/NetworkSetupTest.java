package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.dragon.engine.config.DragonConfig;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NetworkSetupTest {
    @TempDir
    Path empty;

    @ParameterizedTest
    @EnumSource(DragonConfig.FileKind.class)
    void shouldSetUpTheTransferOfFramesFromAFileOfEitherKind(final DragonConfig.FileKind kind) {
        final DragonConfig config = DragonConfig.loader()
                .kind(kind)
                .environment(Map.of())
                .folders(empty, empty)
                .load();

        assertNotNull(NetworkSetup.network(config, line -> {}).transfer().get());
    }
}
