package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.device.health.HealthSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GpuWatchTest {
    @Test
    void shouldHaveTheDefaultsOfTheConfigurationWithoutOne() {
        assertEquals(
                HealthSettings.DEFAULT,
                GpuWatch.settings(
                        DragonConfig.loader().environment(Map.of()).load().gpuHealth()));
    }

    @Test
    void shouldRefuseThresholdsTheWrongWayRound() {
        final DragonException error = assertThrows(DragonException.class, () -> DragonConfig.loader()
                .environment(Map.of("DRAGON_GPU_HEALTH_ENABLE_CELSIUS", "90"))
                .load());
        assertTrue(
                error.getMessage().contains("is 90, expected less than 'gpu_health.disable_celsius', which is 90"),
                error::getMessage);
    }
}
