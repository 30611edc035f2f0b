package io.dragon.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DragonDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void shouldBeForItsUserOnly() throws IOException {
        final DragonDirectory directory =
                DragonDirectory.of(folder.resolve("a/b/dragon")).create();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.pools())));
        Files.setPosixFilePermissions(directory.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
        directory.create();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())));
        assertFalse(Files.exists(directory.aeron()));
    }

    @Test
    void shouldNotFollowALink() throws IOException {
        final Path link = Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("x")));
        final DragonDirectory directory = DragonDirectory.of(link);
        final DragonException e = assertThrows(DragonException.class, directory::create);
        assertTrue(e.getMessage().contains("is a symbolic link"), e.getMessage());
    }

    @Test
    void shouldNotTakeWhatIsInTheWay() throws IOException {
        final DragonDirectory directory = DragonDirectory.of(Files.createFile(folder.resolve("file")));
        final DragonException e = assertThrows(DragonException.class, directory::create);
        assertTrue(e.getMessage().contains("is not a directory"), e.getMessage());
    }

    @Test
    void shouldNotTakeTheDirectoryOfSomeoneElse() {
        final DragonDirectory directory = DragonDirectory.of(Path.of("/usr"));
        if (!"root".equals(System.getProperty("user.name"))) {
            final DragonException e = assertThrows(DragonException.class, directory::create);
            assertTrue(e.getMessage().contains("belongs to root"), e.getMessage());
        }
    }

    @Test
    void shouldComputePathsThatStayInside() {
        final DragonDirectory directory = DragonDirectory.of(folder);
        assertEquals(folder.resolve("pools/00000000000000ff"), directory.pool(255));
        assertEquals(folder.resolve("pools/ffffffffffffffff.lock"), directory.poolLock(-1));
        assertEquals(folder.resolve("workers/gpu-0.1.lock"), directory.workerLock("gpu-0.1"));
        for (final String name : new String[] {"../../etc/passwd", "..", "", "a/b", "ö", "\0"}) {
            assertEquals(
                    folder.resolve("workers"),
                    directory.workerLock(name).normalize().getParent(),
                    name);
            assertEquals(
                    folder.resolve("parties"),
                    directory.partyLock(name).normalize().getParent(),
                    name);
        }
    }
}
