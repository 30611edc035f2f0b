package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.driver.MediaDriver;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MediaDriverNodeTest {
    private final Scratch scratch = new Scratch();
    private final Path directory = scratch.directory().resolve("aeron");

    @AfterEach
    void after() {
        scratch.close();
    }

    @ParameterizedTest
    @EnumSource(RunProfile.class)
    void shouldRunInEveryProfileAndLeaveNothing(final RunProfile profile) throws IOException {
        final MediaDriverNode driver = MediaDriverNode.launch(context().runProfile(profile));
        assertEquals(directory.toString(), driver.aeronDirectoryName());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
        assertTrue(MediaDriverNode.isActive(directory, Timeouts.ci()));
        driver.close();
        assertFalse(MediaDriverNode.isActive(directory, Timeouts.ci()));
        assertFalse(Files.exists(directory));
        assertFalse(Files.exists(Path.of(directory + ".lock")));
    }

    @Test
    void shouldTakeTheDirectoryOfAKilledDriverAtOnceButNotOfALivingOne() {
        final MasterProcess other = scratch.closing(MasterProcess.start(OtherDriver.class, directory.toString()));
        scratch.await("the other driver", () -> other.hasSaid("READY"));
        final DragonException refused = assertThrows(DragonException.class, () -> MediaDriverNode.launch(context()));
        assertTrue(
                refused.getMessage().startsWith("Another media driver (process " + other.pid() + ") runs in"),
                refused.getMessage());
        assertTrue(MediaDriverNode.isActive(directory, Timeouts.ci()));
        other.kill();
        assertFalse(MediaDriverNode.isActive(directory, Timeouts.ci()), "however fresh its heartbeat");
        assertTrue(Files.exists(directory), "it left its directory");
        final long startNs = System.nanoTime();
        MediaDriverNode.launch(context()).close();
        assertTrue(System.nanoTime() - startNs < 5_000_000_000L, "without waiting for ten seconds of silence");
    }

    private MediaDriverNode.Context context() {
        return new MediaDriverNode.Context()
                .directory(directory)
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError);
    }

    /** A driver that is none of ours and takes no lock. */
    static final class OtherDriver {
        private OtherDriver() {}

        @SuppressWarnings("try")
        public static void main(final String[] args) throws IOException {
            try (MediaDriver driver = MediaDriver.launch(new MediaDriver.Context()
                    .aeronDirectoryName(args[0])
                    .sharedIdleStrategy(RunProfile.DEV.idleStrategy())
                    .threadingMode(RunProfile.DEV.threadingMode()))) {
                System.out.println("READY");
                while (System.in.read() >= 0) {
                    // until the test ends
                }
            }
        }
    }
}
