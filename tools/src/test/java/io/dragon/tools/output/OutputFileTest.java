package io.dragon.tools.output;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputFileTest {
    private static final Set<String> WAYS =
            Set.of("move", "newBufferedWriter", "newOutputStream", "write", "writeString");

    @TempDir
    Path folder;

    private static boolean isSame(final Path one, final Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (final IOException ex) {
            return false; // a descriptor that has been closed
        }
    }

    private static OutputFile.Body text(final String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The journal of an analysis is deleted after its manifest, its report and its JSON: a loss of power then took all of them. */
    @Test
    void shouldBringAFileToTheDiskBeforeItIsMovedIntoPlaceAndThenItsFolder() throws Exception {
        final Path file = folder.resolve("m");
        final Path partial = OutputFile.partial(file);
        final List<Path> forced = new ArrayList<>();
        OutputFile.write(file, text("whole"), path -> {
            forced.add(path);
            assertEquals(path.equals(folder), Files.exists(file), "forced, renamed, its folder forced");
            assertEquals("whole", Files.readString(path.equals(folder) ? file : partial));
        });
        assertEquals(List.of(partial, folder), forced);
        OutputFile.write("it", file, text("other"));
        assertEquals("other", Files.readString(file));
    }

    @Test
    void shouldLeaveWhatWasThereWhereItCannotBeWritten() throws Exception {
        final Path file = Files.writeString(folder.resolve("m"), "before");
        assertThrows(
                IOException.class,
                () -> OutputFile.write(file, text("after"), path -> {
                    throw new IOException("no disk");
                }));
        final DragonException fault = assertThrows(
                DragonException.class,
                () -> OutputFile.write("the report", file, out -> {
                    out.write(new byte[1 << 20]);
                    throw new IOException("full");
                }));
        assertEquals("Cannot write the report " + file + ": full.", fault.getMessage());
        assertThrows(
                IllegalStateException.class,
                () -> OutputFile.write("the report", file, out -> {
                    throw new IllegalStateException();
                }));
        assertEquals("before", Files.readString(file));
        assertFalse(Files.exists(OutputFile.partial(file)));
    }

    @Test
    void shouldWriteWhatASymbolicLinkLeadsToAndLeaveTheLink() throws Exception {
        final Path file = Files.writeString(folder.resolve("m"), "before");
        final Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("m"));
        OutputFile.write("it", link, text("after"));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("after", Files.readString(file));
        final Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("not-yet"));
        OutputFile.write("it", dangling, text("new"));
        assertTrue(Files.isSymbolicLink(dangling));
        assertEquals("new", Files.readString(folder.resolve("not-yet")));
    }

    @Test
    void shouldWriteToAPipeOrADeviceAndNotRenameOverIt() {
        OutputFile.write("it", Path.of("/dev/null"), text("text"));
        assertFalse(Files.isRegularFile(Path.of("/dev/null")));
        final DragonException fault =
                assertThrows(DragonException.class, () -> OutputFile.write("it", Path.of("/dev/full"), text("text")));
        assertTrue(fault.getMessage().startsWith("Cannot write it /dev/full: "), fault.getMessage());
    }

    /** {@code --json /dev/stdout >> log} emptied the log. */
    @Test
    void shouldWriteBehindWhatIsThereWhereStandardOutputIsAFile() throws Exception {
        final Path log = Files.writeString(folder.resolve("log"), "before ");
        try (FileChannel open = FileChannel.open(log, StandardOpenOption.APPEND);
                Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            assertTrue(open.isOpen());
            final Path descriptor =
                    descriptors.filter(each -> isSame(each, log)).findFirst().orElseThrow();
            OutputFile.write("it", descriptor, text("after"));
        }
        assertEquals("before after", Files.readString(log));
    }

    /** The report and the JSON of an analysis had ways of their own, which did not bring them to the disk. */
    @Test
    void shouldBeTheOneWayInWhichResultsAreMovedIntoPlace() throws Exception {
        noClasses()
                .that()
                .resideInAnyPackage("io.dragon.tools.analyze..", "io.dragon.tools.reconstruct..")
                .or()
                .haveFullyQualifiedName("io.dragon.tools.JsonOutput")
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "writes or moves a file",
                        call -> call.getTargetOwner().isEquivalentTo(Files.class) && WAYS.contains(call.getName())))
                .check(new ClassFileImporter()
                        .importPath(Path.of(OutputFile.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())));
    }
}
