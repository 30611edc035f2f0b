package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools on a tmpfs of 4 MiB; skipped where this user may not mount one. */
class FullFileSystemTest {
    private static final int SLOT = 65_536;

    @TempDir
    Path mountPoint;

    private DragonDirectory directory;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mountPoint.toString()) == 0;
        assumeTrue(mounted, "this user may not mount a tmpfs: a full one cannot be tried");
        directory = DragonDirectory.of(mountPoint.resolve("dragon")).create();
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            run("umount", "-l", mountPoint.toString());
        }
    }

    private static int run(final String... command) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    private List<String> files() throws IOException {
        final List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.pools())) {
            files.forEach(path -> names.add(path.getFileName().toString()));
        }
        return names;
    }

    @Test
    void shouldSayThatThereIsNoRoom() throws IOException {
        final FramePool.Context ctx = Tests.context(directory, 100, SLOT);
        final DragonException e = assertThrows(DragonException.class, () -> FramePool.create(ctx));
        assertTrue(e.getMessage().contains(directory.pools().toString()), e.getMessage());
        assertTrue(e.getMessage().matches(".* needs \\d+ bytes, \\d+ bytes are free.*"), e.getMessage());
        assertEquals(List.of(), files());
    }

    @Test
    void shouldSayThatTheRoomRanOutMeanwhile() throws IOException {
        final FramePool.Context ctx = Tests.context(directory, 30, SLOT).steps(new Steps() {
            @Override
            void reached(final String step) {
                if (step.equals("create.temporary")) {
                    fillUp();
                }
            }
        });
        final DragonException e = assertThrows(DragonException.class, () -> FramePool.create(ctx));
        assertTrue(e.getMessage().contains("There is no room for the frame pool of test"), e.getMessage());
        assertEquals(List.of(), files());
    }

    @Test
    void shouldHaveEveryPageOfAPoolThatWasMade() {
        try (FramePool pool = FramePool.create(Tests.context(directory, 30, SLOT));
                FrameReader reader = new FrameReader(directory, "reader")) {
            fillUp();
            final FrameLease lease = new FrameLease();
            for (int i = 0; i < 90; i++) {
                final FrameRef ref = Tests.publish(pool, SLOT, i, true);
                assertEquals(0, reader.acquire(ref, lease));
                assertEquals((byte) i, lease.buffer().getByte(SLOT - 1));
                lease.release();
                assertTrue(pool.release(ref));
            }
            pool.deleteNow();
        }
    }

    private void fillUp() {
        IOException full = null;
        try {
            Files.write(mountPoint.resolve("hog"), new byte[5 << 20]);
        } catch (final IOException e) {
            full = e;
        }
        assertTrue(full != null, "the file system should be full");
    }
}
