package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonDirectory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A terminal is as it was, however a command that has drawn on it ends. */
final class ScreenTest {
    @TempDir
    Path folder;

    @BeforeEach
    void setUp() {
        assumeTrue(PseudoTerminal.isThere(), "script(1) makes the terminal");
    }

    private DragonDirectory directory() {
        return DragonDirectory.of(folder.resolve("shared"));
    }

    private PseudoTerminal watch() throws Exception {
        return new PseudoTerminal(
                folder,
                DragonMain.class,
                "stat",
                "--watch",
                "100ms",
                "--dir",
                directory().path().toString());
    }

    @Test
    void shouldFollowTheSizeAndLeaveOnQ() throws Exception {
        try (MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                        .directory(directory().create().aeron()));
                PseudoTerminal terminal = watch()) {
            terminal.await("a picture", () -> terminal.picture().size() == 20);
            final List<String> picture = terminal.picture();
            assertTrue(picture.get(2).startsWith("MEDIA DRIVER"), picture.toString());
            assertTrue(picture.get(19).matches("\\.\\.\\. and \\d+ lines more"), picture.toString());
            terminal.resize(8, 30);
            terminal.await("a smaller picture", () -> terminal.picture().size() == 8);
            terminal.await("shorter lines", () -> terminal.picture().stream().allMatch(line -> line.length() <= 30));
            terminal.press("q");
            assertEquals(0, terminal.awaitRestored(), driver.aeronDirectoryName());
        }
    }

    @Test
    void shouldGiveTheTerminalBackOnCtrlCAndOnSigterm() throws Exception {
        for (final String way : List.of("INT", "TERM", "HUP")) {
            java.nio.file.Files.deleteIfExists(folder.resolve("after"));
            java.nio.file.Files.deleteIfExists(folder.resolve("shown"));
            try (PseudoTerminal terminal = watch()) {
                terminal.await("a picture", () -> terminal.shown().contains("No media driver runs in"));
                if (way.equals("INT")) {
                    terminal.press("\u0003");
                } else {
                    terminal.signal(way);
                }
                assertEquals(1, terminal.awaitRestored(), "no media driver is there: " + way);
                assertTrue(
                        terminal.shown()
                                .substring(terminal.shown().lastIndexOf("\u001b[?1049l"))
                                .contains("No media"),
                        "what is said at the end is seen: " + way);
            }
        }
    }

    @Test
    void shouldGiveTheTerminalBackWhenTheProgramFails() throws Exception {
        for (final String way : List.of("throw", "exit", "thread")) {
            java.nio.file.Files.deleteIfExists(folder.resolve("after"));
            java.nio.file.Files.deleteIfExists(folder.resolve("shown"));
            try (PseudoTerminal terminal = new PseudoTerminal(folder, Failing.class, way)) {
                assertEquals(way.equals("exit") ? 3 : 1, terminal.awaitRestored(), way);
                assertTrue(terminal.shown().contains("a ? b"), "a name that would move the cursor: " + way);
            }
        }
    }

    /** Draws, and ends by an exception, at once, or because another thread asks for it. */
    static final class Failing {
        private Failing() {}

        public static void main(final String[] args) throws Exception {
            final Screen screen = Screen.open(System.out);
            screen.refreshSize();
            screen.draw(List.of("a \u001b b"));
            switch (args[0]) {
                case "throw" -> throw new IllegalStateException("on purpose");
                case "exit" -> System.exit(3);
                default -> {
                    final Thread thread = new Thread(() -> System.exit(1));
                    thread.start();
                    thread.join();
                }
            }
        }
    }
}
