package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units in conf/systemd as systemd itself reads them. */
final class SystemdTest {
    @TempDir
    Path folder;

    private static Path tools() {
        final Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("conf")) ? here : here.resolve("tools");
    }

    private static List<Path> units(final String kind) throws IOException {
        try (Stream<Path> files = Files.list(tools().resolve("conf/systemd/" + kind))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "user"})
    void shouldBeUnderstoodBySystemd(final String kind) throws Exception {
        Assumptions.assumeTrue(
                Stream.of("/usr/bin/systemd-analyze", "/bin/systemd-analyze")
                        .anyMatch(name -> Files.isExecutable(Path.of(name))),
                "systemd is not installed here: its units are not verified");
        final List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
        if (kind.equals("user")) {
            command.add("--user");
        }
        for (final Path unit : units(kind)) {
            final Path copy = folder.resolve(unit.getFileName());
            // where it would be installed there is nothing: systemd looks whether the program can be run
            Files.writeString(
                    copy,
                    Files.readString(unit)
                            .replace("/opt/dragon/", tools() + "/")
                            .replace("%h/dragon/", tools() + "/"));
            command.add(copy.toString().replace("@.service", "@0.service"));
            if (!copy.toString().equals(command.get(command.size() - 1))) {
                Files.copy(copy, Path.of(command.get(command.size() - 1)));
            }
        }
        final Path said = folder.resolve("said");
        final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("XDG_RUNTIME_DIR", folder.toString());
        final Process process = builder.redirectOutput(said.toFile()).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        final String text = Files.readString(said);
        assertEquals(0, process.exitValue(), text);
        assertFalse(text.contains("dragon"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "user"})
    void shouldStartEachServerAgainAfterAFailureAndOnlyThen(final String kind) throws IOException {
        assertEquals(
                List.of(
                        "dragon-gpu-server.service",
                        "dragon-master@.service",
                        "dragon-media-driver.service",
                        "dragon-publish@.service"),
                units(kind).stream().map(unit -> unit.getFileName().toString()).toList());
        for (final Path unit : units(kind)) {
            final List<String> lines = Files.readAllLines(unit);
            assertTrue(lines.contains("Restart=on-failure"), unit::toString);
            assertTrue(lines.contains("RestartPreventExitStatus=2"), unit::toString);
            assertTrue(lines.contains("StartLimitIntervalSec=0"), unit::toString);
            assertTrue(lines.stream().noneMatch(line -> line.startsWith("BindsTo=")), unit::toString);
        }
    }

    @Test
    void shouldRunWhatTheCommandLineHas() throws IOException {
        for (final String kind : List.of("system", "user")) {
            for (final Path unit : units(kind)) {
                final String start = Files.readAllLines(unit).stream()
                        .filter(line -> line.startsWith("ExecStart="))
                        .findFirst()
                        .orElseThrow();
                final String[] words =
                        start.substring(start.indexOf("/bin/dragon ") + 12).split(" ");
                final String help = CommandRun.of(words[0], "--help").out();
                for (final String word : words) {
                    assertTrue(!word.startsWith("--") || help.contains(word), () -> unit + ": " + word);
                }
            }
        }
    }
}
