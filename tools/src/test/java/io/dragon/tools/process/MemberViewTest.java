package io.dragon.tools.process;

import static org.junit.jupiter.api.Assertions.assertSame;

import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemberViewTest {
    @TempDir
    Path directory;

    @Test
    void shouldNotKnowAMasterWhoseDriverHasNotMadeItsFileYetOrTakesItAway() {
        assertSame(MemberView.UNKNOWN, MemberView.of(directory));
        assertSame(MemberView.UNKNOWN, MemberView.of(directory.resolve("gone")));
    }

    @Test
    void shouldNotKnowAMasterWhoseDriverIsStillMakingItsFile() throws IOException {
        final Path file = directory.resolve(CncFileDescriptor.CNC_FILE);
        for (final int length : new int[] {0, 1, CncFileDescriptor.META_DATA_LENGTH, 1 << 20}) {
            Files.write(file, new byte[length]);

            assertSame(MemberView.UNKNOWN, MemberView.of(directory));
        }
    }
}
