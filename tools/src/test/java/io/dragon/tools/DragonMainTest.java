package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class DragonMainTest {
    @TempDir
    Path folder;

    /** Every command with the words that lead to it. */
    private static List<List<String>> paths() {
        final List<List<String>> paths = new ArrayList<>();
        walk(DragonMain.commandLine(), List.of(), paths);
        return paths;
    }

    private static void walk(final CommandLine command, final List<String> path, final List<List<String>> paths) {
        paths.add(path);
        for (final Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
            final List<String> longer = new ArrayList<>(path);
            longer.add(sub.getKey());
            walk(sub.getValue(), longer, paths);
        }
    }

    private static String[] with(final List<String> path, final String... more) {
        final List<String> words = new ArrayList<>(path);
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    @Test
    void shouldExplainAndVersionEveryCommandOnStandardOutput() {
        for (final List<String> path : paths()) {
            final CommandRun help = CommandRun.of(with(path, "--help"));
            assertEquals(0, help.code(), path + help.err());
            assertTrue(
                    help.out().startsWith("Usage: dragon" + (path.isEmpty() ? "" : " " + String.join(" ", path))),
                    help.out());
            assertEquals("", help.err());
            assertFalse(help.out().contains("\u001b"), "no colour where there is no terminal");
            final CommandRun version = CommandRun.of(with(path, "--version"));
            assertEquals(0, version.code());
            assertTrue(version.out().matches("dragon \\S+\\R"), version.out());
        }
    }

    @Test
    void shouldRefuseUnknownOptionsOfEveryCommandWithASuggestion() {
        for (final List<String> path : paths()) {
            final CommandRun run = CommandRun.of(with(path, "--versoin"));
            assertEquals(2, run.code(), path.toString());
            assertEquals("", run.out());
            assertTrue(run.err().contains("'--versoin' (did you mean '--version'?)"), path + run.err());
        }
    }

    @Test
    void shouldSuggestACommand() {
        final CommandRun run = CommandRun.of("statsu");
        assertEquals(2, run.code());
        assertEquals(
                List.of("dragon: unknown command 'statsu' (did you mean 'status'?)", "Try 'dragon --help'."),
                run.err().lines().toList());
        assertEquals(2, CommandRun.of().code());
        assertEquals(2, CommandRun.of("config").code());
        assertEquals(
                List.of("dragon: unknown command 'submit'", "Try 'dragon --help'."),
                CommandRun.of("submit", "hash", "--config", "x").err().lines().toList());
    }

    @Test
    void shouldFailWhereStandardOutputFindsNoRoomAndNotWhereItsReaderHasLeft() throws Exception {
        assertEquals("Standard output could not be written in full: is its disk full?\n1", shell("> /dev/full"));
        assertEquals("0", shell("| exit 0"));
    }

    /** The exit code of a command in a JVM of its own whose output goes there, and what it says. */
    private static String shell(final String redirection) throws Exception {
        final String java =
                Path.of(System.getProperty("java.home"), "bin", "java").toString();
        final Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "exec 3>&1; { \"$0\" -cp \"$1\" io.dragon.tools.DragonMain config reference 2>&3; printf %s $? >&3; } "
                                + redirection,
                        java,
                        System.getProperty("java.class.path"))
                .redirectErrorStream(true)
                .start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return said;
    }

    @Test
    void shouldCallWrongValuesWrongUsage() {
        for (final String[] args : new String[][] {
            {"worker"},
            {"worker", "--device"},
            {"worker", "--device", "cpu", "--window", "0"},
            {"worker", "--device", "cpu", "--window", "x"},
            {"worker", "--device", "gpu"},
            {"worker", "--device", "MIG-99"},
            {"master", "--member", "1"},
            {"analyze", "--source", "/etc/hostname", "--workers", "0"},
            {"analyze", "--source", "/etc/hostname", "--readers", "0"},
            {"reconstruct", "--dataset", ".", "--out", "o.ply", "--method", "foo"},
            {"media-driver", "--profile", "fast"},
            {"publish", "--camera", "c"},
            {"publish", "--camera", "c", "--source", "/no/such/file"},
            {"publish", "--camera", "c", "--source", "-", "--format", "raw:0x0:grey8"},
            {"publish", "--camera", "c", "--source", "-", "--format", "y4m", "--fps", "0"},
            {"status", "--timeout", "5"},
            {"status", "--timeout", "5 parsecs"},
            {"status", "--set", "pools.slotz=3"},
            {"status", "--config", "/no/such/file.yaml"},
            {"config", "check", "/no/such/file.yaml"},
            {"config", "show", "--effective", "--changed"},
        }) {
            final CommandRun run = CommandRun.of(args);
            assertEquals(2, run.code(), String.join(" ", args) + ": " + run.err());
            assertEquals("", run.out(), String.join(" ", args));
            assertFalse(run.err().isBlank());
            assertFalse(run.err().contains("\tat "), run.err());
        }
    }

    @Test
    void shouldWrapFootersByParagraph() {
        walk(DragonMain.commandLine());
    }

    private static void walk(final CommandLine command) {
        for (final String paragraph : command.getCommandSpec().usageMessage().footer()) {
            assertTrue(paragraph.isEmpty() || paragraph.endsWith("."), command.getCommandName() + ": " + paragraph);
        }
        command.getSubcommands().values().forEach(DragonMainTest::walk);
    }

    @Test
    void shouldNameTheWordsThatAnOptionTakes() {
        assertEquals(
                "dragon reconstruct: invalid value for option '--method': expected hull or motion, not 'foo'",
                CommandRun.of("reconstruct", "--dataset", ".", "--out", "o.ply", "--method", "foo")
                        .err()
                        .lines()
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void shouldSayThatAGpuIsNotThere() {
        assertEquals(
                "GPU 7777 "
                        + (Devices.gpuCount() == 0
                                ? "cannot be used: " + Devices.whyNoGpu() + " '--device cpu' works everywhere."
                                : CommandRun.of("worker", "--device", "7777")
                                        .err()
                                        .trim()
                                        .substring("GPU 7777 ".length())),
                CommandRun.of("worker", "--device", "7777").err().trim());
        assertEquals(
                Devices.gpuCount() == 0 ? 1 : 2,
                CommandRun.of("worker", "--device", "7777").code(),
                "a host without a usable GPU is no wrong usage: its GPU may have fallen off the bus");
    }

    @Test
    void shouldSayThatNothingRuns() {
        final String dir = folder.resolve("nothing").toString();
        final CommandRun status = CommandRun.of("status", "--dir", dir);
        assertEquals(1, status.code());
        assertTrue(
                status.err()
                        .startsWith("No media driver runs in " + dir
                                + "/aeron: start this host's servers with 'dragon-start'"),
                status.err());
        final CommandRun health = CommandRun.of("health", "--dir", dir, "--json", "-");
        assertEquals(1, health.code());
        assertEquals("critical", JsonOutput.parse(health.out()).get("health").asString());
        assertFalse(Files.exists(folder.resolve("nothing")));
    }

    @Test
    void shouldSayWhatToDoWhenNoMasterAnswers() {
        final CommandRun status = CommandRun.of(
                "status",
                "--dir",
                folder.resolve("alone").toString(),
                "--set",
                "masters.members=localhost,localhost,localhost",
                "--set",
                "masters.base_port=31400",
                "--timeout",
                "500ms");
        assertEquals(4, status.code(), status.err());
        assertEquals(
                "None of the masters 0=localhost:31400,1=localhost:31410,2=localhost:31420 answered within 0.5 s: too few"
                        + " of them run, or they are just starting. Look at their logs, or try again.",
                status.err().trim());
    }

    @Test
    void shouldCheckFilesAndReportAllOfTheirFaults() throws IOException {
        final Path bad =
                Files.writeString(folder.resolve("dragon_gpu.yaml"), "prefer_locla: true\nconnection_timeout_ms: 5s\n");
        final Path json = folder.resolve("result.json");
        final Path good = Path.of("").toAbsolutePath().resolve("conf/gpu_server.yaml");
        final Path examples =
                Files.exists(good) ? good.getParent() : Path.of("tools/conf").toAbsolutePath();
        final CommandRun run = CommandRun.of(
                "config",
                "check",
                "--json=" + json,
                bad.toString(),
                examples.resolve("gpu_server.yaml").toString(),
                examples.resolve("dragon_gpu.yaml").toString());
        assertEquals(2, run.code());
        assertEquals(
                List.of(
                        examples.resolve("gpu_server.yaml") + ": valid",
                        examples.resolve("dragon_gpu.yaml") + ": valid"),
                run.out().lines().toList());
        assertEquals(4, run.err().lines().count(), run.err());
        final JsonNode result = JsonOutput.parse(Files.readString(json));
        assertFalse(result.get("valid").asBoolean());
        assertEquals(2, result.get("files").get(0).get("faults").size());
        assertEquals(2, result.get("files").get(2).get("remarks").size());
    }

    @Test
    void shouldRefuseRemoteGpusAndSayWhichGpusAreMissing() throws IOException {
        final Path data = Files.writeString(folder.resolve("data"), "data");
        final Path remote = Files.writeString(
                folder.resolve("remote.yaml"),
                "remote_gpus:\n  - {name: a, hostname: b}\n  - {name: c, hostname: d, enabled: false}\n");
        final CommandRun refused = CommandRun.of("analyze", "--source", data.toString(), "--config", remote.toString());
        assertEquals(2, refused.code());
        assertEquals(
                remote
                        + ":2:12: 'remote_gpus[0].enabled' is true, but remote GPUs cannot be reached yet: 'a' is refused,"
                        + " expected enabled: false",
                refused.err().trim());
        final Path local = Files.writeString(folder.resolve("local.yaml"), "local_gpus: {device_ids: [62, 63]}\n");
        final CommandRun run = CommandRun.of("analyze", "--source", data.toString(), "--config", local.toString());
        assertEquals(0, run.code(), run.err());
        assertTrue(
                run.err().startsWith(local + ":1:26: 'local_gpus.device_ids' names GPUs 62, 63, but this machine has "),
                run.err());
    }

    @Test
    void shouldShowWhereEveryValueComesFrom() throws IOException {
        final Path file = Files.writeString(folder.resolve("c.yaml"), "pools: { slots: 64 }\n");
        final CommandRun run = CommandRun.of(
                "config",
                "show",
                "--effective",
                "--config",
                file.toString(),
                "--set",
                "retries.maximum=7",
                "--json",
                "-");
        assertEquals(0, run.code(), run.err());
        final JsonNode keys = JsonOutput.parse(run.out()).get("keys");
        final Map<String, String> seen = new java.util.HashMap<>();
        keys.forEach(key -> seen.put(
                key.get("key").asString(),
                key.get("value").asString() + " " + key.get("origin").asString()));
        assertEquals("64 " + file + ":1:17", seen.get("pools.slots"));
        assertEquals("7 flag", seen.get("retries.maximum"));
        assertEquals("true default", seen.get("prefer_local"));
        final CommandRun changed = CommandRun.of("config", "show", "--changed", "--config", file.toString());
        assertEquals(
                List.of("KEY          VALUE  FROM", "pools.slots  64     " + file + ":1:17"),
                changed.out().lines().toList());
    }

    @Test
    void shouldPrintASchemaThatIsJson() {
        for (final String kind : List.of("client", "SERVER")) {
            final CommandRun run = CommandRun.of("config", "reference", "--schema", kind);
            assertEquals(0, run.code(), run.err());
            assertTrue(JsonOutput.parse(run.out()).get("properties").has("pools"));
        }
    }

    @Test
    void shouldShowAStackTraceOnlyWhenAsked() {
        final String dir = folder.resolve("nothing").toString();
        assertTrue(CommandRun.of("status", "--dir", dir, "--debug").err().contains("\tat io.dragon.tools."));
        assertEquals(1, CommandRun.of("status", "--dir", dir).err().lines().count());
    }

    @Test
    void shouldSayInWordsThatMemoryOrAClassIsMissing() {
        final java.io.PrintStream before = System.err;
        final java.io.ByteArrayOutputStream said = new java.io.ByteArrayOutputStream();
        try {
            System.setErr(new java.io.PrintStream(said, true, java.nio.charset.StandardCharsets.UTF_8));
            assertEquals(1, DragonMain.onError(new OutOfMemoryError("Java heap space")));
            assertEquals(1, DragonMain.onError(new NoClassDefFoundError("x/Y")));
        } finally {
            System.setErr(before);
        }
        final String text = said.toString(java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(text.contains("DRAGON_HEAP_OPTS"), text);
        assertTrue(text.contains("NoClassDefFoundError: x/Y"), text);
        assertEquals(2, text.lines().count(), text);
    }

    @Test
    void shouldSayThatTheResultCannotBeWritten() throws IOException {
        final Path file = Files.writeString(folder.resolve("c.yaml"), "");
        final CommandRun run = CommandRun.of("config", "check", file.toString(), "--json", "/no/such/folder/x.json");
        assertEquals(1, run.code());
        assertTrue(
                run.err().contains("Cannot write the JSON result to /no/such/folder/x.json: no such file or folder."),
                run.err());
    }

    @Test
    void shouldNotTakeAConfigurationForTheFileOfItsResult() throws IOException {
        final Path first = Files.writeString(folder.resolve("gpu_server.yaml"), "profile: dev\n");
        final Path second = Files.writeString(folder.resolve("dragon_gpu.yaml"), "profile: dev\n");
        final CommandRun both = CommandRun.of("config", "check", "--json", first.toString(), second.toString());
        assertEquals(2, both.code());
        assertTrue(both.err().contains("--json would write its result over " + first), both.err());
        assertEquals("profile: dev\n", Files.readString(first));
        final CommandRun replay = CommandRun.of("replay", "--json", folder.toString());
        assertEquals(2, replay.code());
        assertTrue(replay.err().contains("'DIR' ('" + folder + "' was taken for the file of --json"), replay.err());
    }

    @Test
    void shouldSayBeforeTheWorkThatItsResultCannotBeWritten() throws IOException {
        final String folderName = folder.toString();
        for (final String[] args : new String[][] {
            {"analyze", "--source", folderName, "--manifest", "/no/such/folder/m"},
            {"analyze", "--source", folderName, "--report", folderName},
            {"analyze", "--source", folderName, "--json", "/no/such/folder/j"},
            {"demo", "--seconds", "60", "--json", folderName},
            {"chaos", "--json", "/no/such/folder/j"},
        }) {
            final long startNs = System.nanoTime();
            final CommandRun run = CommandRun.of(args);
            assertEquals(1, run.code(), String.join(" ", args) + run.err());
            assertTrue(
                    run.err().matches("(?s).*Cannot write the .*: (no such file or folder|is a directory).\\s*"),
                    run.err());
            assertTrue(System.nanoTime() - startNs < 30_000_000_000L, "it worked first");
        }
        assertEquals(0, folder.toFile().list().length);
    }

    @Test
    void shouldSpeakOfNumbersAndKeysInAUsersWords() {
        assertFirstLine(
                "dragon worker: invalid value for option '--window': 'x' is not a whole number",
                "worker",
                "--device",
                "cpu",
                "--window",
                "x");
        assertFirstLine(
                "dragon reconstruct: invalid value for option '--voxel': 'x' is not a number",
                "reconstruct",
                "--dataset",
                ".",
                "--out",
                "o.ply",
                "--voxel",
                "x");
        assertFirstLine(
                "dragon status: '--set pools.slots' is not a key with a value, expected --set KEY=VALUE",
                "status",
                "--set",
                "pools.slots");
        assertFirstLine(
                "dragon worker: '--name " + "n".repeat(49) + "' has 49 bytes, expected 1 to 48",
                "worker",
                "--device",
                "cpu",
                "--name",
                "n".repeat(49));
    }

    private static void assertFirstLine(final String line, final String... args) {
        final CommandRun run = CommandRun.of(args);
        assertEquals(2, run.code(), run.err());
        assertEquals(line, run.err().lines().findFirst().orElseThrow());
    }

    @Test
    void shouldSayInWordsWhyAFolderCannotBeMade() throws IOException {
        final Path file = Files.writeString(folder.resolve("file"), "");
        final CommandRun run =
                CommandRun.of("master", "--dir", folder.resolve("d").toString(), "--set", "masters.directory=" + file);
        assertEquals(1, run.code(), run.err());
        assertTrue(
                run.err().contains("The directory " + file + "/member-0 cannot be made: not a directory."), run.err());
    }
}
