package io.dragon.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigTest {
    @TempDir
    Path folder;

    private static ConfigLoader quiet() {
        return DragonConfig.loader().environment(Map.of()).folders(Path.of("/nowhere"), Path.of("/home/nobody"));
    }

    /** tools/conf, wherever the tests are started. */
    static Path examples() {
        final Path here = Path.of("").toAbsolutePath();
        return (Files.isDirectory(here.resolve("tools")) ? here : here.getParent()).resolve("tools/conf");
    }

    private static DragonConfig read(final String yaml) {
        return quiet().load("f.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> faults(final String yaml) {
        final DragonException ex = assertThrows(DragonException.class, () -> read(yaml));
        assertEquals(DragonException.WRONG_USAGE, ex.exitCode());
        return ex.getMessage().lines().toList();
    }

    @Test
    void shouldReportEveryFaultOfAFileInOneRunInItsOrder() {
        assertEquals(
                List.of(
                        "f.yaml:2:12: 'local_gpus.enabled' is 'yes', expected true or false",
                        "f.yaml:3:18: 'local_gpus.device_ids[1]' is 'b', expected the number of a GPU from 0 to 63, or its UUID as nvidia-smi -L shows it",
                        "f.yaml:3:21: 'local_gpus.device_ids[2]' is out of range: 99, expected the number of a GPU from 0 to 63, or its UUID as nvidia-smi -L shows it",
                        "f.yaml:3:25: 'local_gpus.device_ids[3]' is 0, which the list has already, expected it once",
                        "f.yaml:4:1: 'prefer_locl' is unknown, expected one of the keys in docs/configuration.md (did you mean 'prefer_local'?)",
                        "f.yaml:6:5: 'remote_gpus[0].hostname' is missing, expected a host name or an address",
                        "f.yaml:7:11: 'remote_gpus[0].port' is out of range: 70000, expected a whole number from 1 to 65535",
                        "f.yaml:8:24: 'connection_timeout_ms' is '5s', expected a whole number from 1 to 600000",
                        "f.yaml:9:1: 'connection_timeout_ms' is there twice, first at line 8, expected once",
                        "f.yaml:11:10: 'pools.slots' is text in quotes, expected a whole number from 1 to 65536 without them",
                        "f.yaml:12:16: 'pools.slot_length' is wrong: '64' has no unit, expected a size with its unit, as in 64MiB",
                        "f.yaml:13:17: 'pools.wait_timeout' is wrong: '250mss' has the unknown unit 'mss', expected a time with its unit, as in 250ms (did you mean 'ms'?)",
                        "f.yaml:14:16: 'pools.full_policy' is 'overwrite', expected one of back-pressured, wait, overwrite-oldest",
                        "f.yaml:15:1: 'server' belongs into gpu_server.yaml, expected the keys of dragon_gpu.yaml",
                        "f.yaml:17:10: 'masters' is 'three', expected a section with the keys base_port, directory, file_sync_level, incidents, members, snapshot_interval, snapshot_log_length",
                        "f.yaml:18:14: 'dragon.dir' has no value, expected a path",
                        "f.yaml:19:6: 'log' is a list, expected a section with the keys directory, level"),
                faults(
                        """
                        local_gpus:
                          enabled: yes
                          device_ids: [0,b, 99, 0]
                        prefer_locl: true
                        remote_gpus:
                          - name: one
                            port: 70000
                        connection_timeout_ms: 5s
                        connection_timeout_ms: 6
                        pools:
                          slots: "16"
                          slot_length: 64
                          wait_timeout: 250mss
                          full_policy: overwrite
                        server:
                          port: 1
                        masters: three
                        dragon: {dir: }
                        log: []
                        """));
    }

    @Test
    void shouldCheckWhatNoSingleValueShows() {
        assertEquals(
                List.of("f.yaml:1:21: 'masters.members' has 2 entries, expected 1, 3 or 5"),
                faults("masters: { members: [a, b] }\n"));
        assertEquals(
                List.of(
                        "f.yaml:2:17: 'security.require_auth' is true without a secret, expected 'security.secret_file' too"),
                faults("security:\n  require_auth: true\n"));
        assertEquals(
                List.of("f.yaml:3:12: 'remote_gpus[1].name' is 'a', as at f.yaml:2:12, expected another name"),
                faults("remote_gpus:\n  - {name: a, hostname: h}\n  - {name: a, hostname: i}\n"));
        assertEquals(
                List.of(
                        "timeouts: leaderHeartbeatTimeout=300ms must be at least 2 times leaderHeartbeatInterval=200ms"),
                faults("timeouts: { leader_heartbeat_timeout: 300ms }\n"));
    }

    @Test
    void shouldTellAllGpusFromNoneAndCountWorkers() {
        final DragonConfig plain = quiet().kind(DragonConfig.FileKind.SERVER).load("f.yaml", new byte[0]);
        assertTrue(plain.gpu().isAll());
        assertEquals(new DragonConfig.Workers(-1, 8, 60_000_000_000L, 600_000_000_000L), plain.workers());
        assertEquals("", plain.node().name());
        final DragonConfig none =
                server("gpu: { device_ids: [] }\nworkers: { cpu: 0, restarts: 2, short_life: 1s, pause: 1min }\n"
                        + "node: { name: rack-7 }\n");
        assertEquals(new DragonConfig.Gpu(false, List.of(), 70, false), none.gpu());
        assertEquals(new DragonConfig.Workers(0, 2, 1_000_000_000L, 60_000_000_000L), none.workers());
        assertEquals("rack-7", none.node().name());
        assertEquals(-1, server("workers: { cpu: auto }\n").workers().cpu());
        assertEquals(
                "f.yaml:1:17: 'workers.cpu' is 'many', expected a whole number from 0 to 1024 or auto",
                assertThrows(DragonException.class, () -> server("workers: { cpu: many }\n"))
                        .getMessage());
        assertEquals(
                "f.yaml:1:15: 'node.name' has 33 characters, expected at most 32",
                assertThrows(DragonException.class, () -> server("node: { name: " + "n".repeat(33) + " }\n"))
                        .getMessage());
    }

    private static DragonConfig server(final String text) {
        return quiet().kind(DragonConfig.FileKind.SERVER)
                .load("f.yaml", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void shouldSayWhereAFileIsNoYaml() {
        assertEquals(
                List.of("f.yaml:2:4: the file is not YAML: mapping values are not allowed here"),
                faults("a: b\n  c: d\n"));
        assertEquals(List.of("f.yaml:1:1: the file is '42', expected keys with values"), faults("42"));
        assertEquals(List.of("f.yaml:1:1: the file is a list, expected keys with values"), faults("- a\n"));
        assertEquals(
                List.of("f.yaml:2:1: a second document begins, expected one"),
                faults("profile: dev\n---\nprofile: dev\n"));
        assertEquals(1, faults("[".repeat(100_000)).size());
        assertEquals(1, faults("a: ".repeat(50_000)).size());
        assertTrue(faults("a: &x [1]\nb: [" + "*x, ".repeat(60) + "]\n")
                .get(0)
                .endsWith("the file has more than 50 aliases"));
        assertTrue(faults("x".repeat(2 << 20)).get(0).contains("larger than 1 MiB"));
        final DragonException binary = assertThrows(
                DragonException.class, () -> quiet().load("f.yaml", new byte[] {'a', '\n', 'b', (byte) 0xff}));
        assertEquals("f.yaml:2:2: the file is not UTF-8 text", binary.getMessage());
    }

    @Test
    void shouldLimitTheNumberOfLines() {
        final List<String> lines = faults("no_such_key_%d: 1\n".repeat(1)
                + java.util.stream.IntStream.range(0, 500)
                        .mapToObj(i -> "zzz" + i + ": 1\n")
                        .collect(Collectors.joining()));
        assertEquals(51, lines.size());
        assertEquals("… and 451 more.", lines.get(50));
    }

    @Test
    void shouldReadBothFilesOfTheSourceDocument() throws IOException {
        final Path conf = examples();
        final DragonConfig client =
                quiet().file(conf.resolve("dragon_gpu.yaml")).load();
        assertEquals(new DragonConfig.LocalGpus(true, List.of("0", "1")), client.localGpus());
        assertEquals(
                List.of(
                        new DragonConfig.RemoteGpu("server1", "192.168.1.10", 9876, true),
                        new DragonConfig.RemoteGpu("server2", "192.168.1.11", 9876, true)),
                client.remoteGpus());
        assertTrue(client.preferLocal());
        assertEquals(5_000, client.connectionTimeoutMs());
        final DragonException refused = assertThrows(DragonException.class, client::refuseRemoteGpus);
        assertEquals(DragonException.WRONG_USAGE, refused.exitCode());
        assertEquals(
                conf + "/dragon_gpu.yaml:9:14: 'remote_gpus[0].enabled' is true, but remote GPUs cannot be reached yet:"
                        + " 'server1' is refused, expected enabled: false",
                refused.getMessage().lines().findFirst().orElseThrow());
        assertEquals(2, refused.getMessage().lines().count());
        assertEquals(
                Optional.of(conf
                        + "/dragon_gpu.yaml:4:15: 'local_gpus.device_ids' names GPUs 0, 1, but this machine has no GPU"
                        + " that can be used: the CPU does the work."),
                client.missingGpus(Map.of()));
        assertEquals(Optional.empty(), client.missingGpus(Map.of(0, "GPU-a", 1, "GPU-b")));

        final DragonConfig server =
                quiet().file(conf.resolve("gpu_server.yaml")).load();
        assertEquals(DragonConfig.FileKind.SERVER, server.kind());
        assertEquals(new DragonConfig.Server("0.0.0.0", 9876, 10), server.server());
        assertEquals(new DragonConfig.Gpu(false, List.of("0", "1"), 70, false), server.gpu());
        assertEquals(new DragonConfig.Security(false, Optional.empty(), List.of("192.168.1.0/24")), server.security());
        assertEquals(List.of(), server.remarks());
    }

    @Test
    void shouldKnowGpusByTheirUuidsAndRefusePartsOfOne() {
        final String uuid = "GPU-01234567-89ab-cdef-0123-456789abcdef";
        assertEquals(
                List.of("3", uuid),
                server("gpu: { device_ids: [3, " + uuid + "] }\n").gpu().deviceIds());
        final DragonConfig config = read("local_gpus: { device_ids: [" + uuid + ", 1] }\n");
        assertEquals(Optional.empty(), config.missingGpus(Map.of(0, uuid, 1, "GPU-b")));
        assertTrue(config.missingGpus(Map.of(1, "GPU-b")).orElseThrow().contains("names GPU " + uuid + ", but"));
        assertEquals(
                List.of(
                        "f.yaml:1:29: 'local_gpus.device_ids[0]' is 'MIG-5', a part of a GPU, which Dragon does not use,"
                                + " expected the number of a GPU from 0 to 63, or its UUID as nvidia-smi -L shows it"),
                faults("local_gpus: { device_ids: [ MIG-5] }\n"));
        assertEquals(1, faults("local_gpus: { device_ids: [GPU-5] }\n").size());
    }

    @Test
    void shouldLetADisabledRemoteGpuPass() {
        final DragonConfig config = read("remote_gpus:\n  - {name: a, hostname: h, enabled: false}\n");
        config.refuseRemoteGpus();
        assertEquals(9876, config.remoteGpus().get(0).port());
        assertEquals(List.of(), config.remarks());
    }

    @Test
    void shouldTakeFlagBeforeEnvironmentBeforeFileBeforeProfileBeforeDefault() throws IOException {
        final Path file = folder.resolve("dragon_gpu.yaml");
        Files.writeString(
                file, "profile: throughput\npools: { slots: 32, metadata-length: 8KiB }\nretries: { maximum: 1 }\n");
        final DragonConfig config = quiet().file(file)
                .environment(Map.of(
                        "DRAGON_POOLS_SLOTS",
                        "48",
                        "DRAGON_RETRIES_MAXIMUM",
                        "2",
                        "DRAGON_DIR",
                        "/tmp/d",
                        "DRAGON_POLS_SLOTS",
                        "1"))
                .flag("retries.maximum", "4")
                .flag("strategies.mask", "round-robin")
                .load();
        assertEquals(48, config.pools().slots());
        assertEquals(8_192, config.pools().metadataLength());
        assertEquals(4, config.scheduling().maximumRetries());
        assertEquals(Path.of("/tmp/d"), config.dragonDir());
        assertEquals(RunProfile.THROUGHPUT, config.mediaDriver().profile());
        assertEquals(
                Map.of("default", "weighted", "mask", "round-robin"),
                config.scheduling().strategies());
        final Map<String, String> origins = config.settings().stream()
                .collect(Collectors.toMap(DragonConfig.Setting::key, DragonConfig.Setting::origin));
        assertEquals("DRAGON_POOLS_SLOTS", origins.get("pools.slots"));
        assertEquals(file + ":2:38", origins.get("pools.metadata_length"));
        assertEquals("flag", origins.get("retries.maximum"));
        assertEquals("profile throughput", origins.get("media_driver.profile"));
        assertEquals("default", origins.get("prefer_local"));
        assertEquals(
                List.of(
                        "environment: 'DRAGON_POLS_SLOTS' is no key and is ignored (did you mean 'DRAGON_POOLS_SLOTS'?)."),
                config.remarks());
    }

    @Test
    void shouldReportFaultsOfFlagsAndEnvironmentBesideThoseOfTheFile() {
        final DragonException ex =
                assertThrows(DragonException.class, () -> quiet().environment(Map.of("DRAGON_POOLS_SLOTS", "many"))
                        .flag("pool.slots", "3")
                        .flag("server.port", "3")
                        .load("f.yaml", "prefer_local: 1\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(
                List.of(
                        "f.yaml:1:15: 'prefer_local' is '1', expected true or false",
                        "environment: 'DRAGON_POOLS_SLOTS' is 'many', expected a whole number from 1 to 65536",
                        "flag: 'pool.slots' is unknown, expected a key of docs/configuration.md (did you mean 'pools.slots'?)",
                        "flag: 'server.port' is a key of the other file, expected one of dragon_gpu.yaml, which is read here, or --config with a file that has it"),
                ex.getMessage().lines().toList());
    }

    @Test
    void shouldLookInTheOrderOfTheContract() throws IOException {
        final Path home = folder.resolve("home");
        final Path working = folder.resolve("work");
        final Path conf = folder.resolve("conf");
        for (final Path each : List.of(home.resolve(".config/dragon"), working, conf)) {
            Files.createDirectories(each);
        }
        final ConfigLoaderFactory loader =
                environment -> DragonConfig.loader().environment(environment).folders(working, home);
        assertEquals(Optional.empty(), loader.with(Map.of()).load().file());
        final Path inHome = Files.writeString(home.resolve(".config/dragon/dragon_gpu.yaml"), "");
        assertEquals(Optional.of(inHome), loader.with(Map.of()).load().file());
        final Path here = Files.writeString(working.resolve("dragon_gpu.yaml"), "# nothing but a comment\n");
        assertEquals(Optional.of(here), loader.with(Map.of()).load().file());
        final Path byVariable = Files.writeString(conf.resolve("dragon_gpu.yaml"), "{}");
        assertEquals(
                Optional.of(byVariable),
                loader.with(Map.of("DRAGON_CONF", conf.toString())).load().file());
        final Path other = Files.writeString(conf.resolve("other.yaml"), "profile: dev\n");
        assertEquals(
                Optional.of(other),
                loader.with(Map.of("DRAGON_CONF", other.toString())).load().file());
        assertEquals(
                Optional.of(inHome),
                loader.with(Map.of("DRAGON_CONF", other.toString()))
                        .file(inHome)
                        .load()
                        .file());
        final DragonException missing =
                assertThrows(DragonException.class, () -> loader.with(Map.of("DRAGON_CONF", "/no/such"))
                        .load());
        assertEquals(
                "environment: 'DRAGON_CONF' is '/no/such', but there is no such file or folder", missing.getMessage());
        final Map<String, String> inShell = Map.of("HOME", home.toString());
        assertEquals(
                home.resolve(".local/state/dragon"),
                DragonConfig.loader().environment(inShell).load().masters().directory(),
                "~ is $HOME, as in a shell");
    }

    private interface ConfigLoaderFactory {
        ConfigLoader with(Map<String, String> environment);
    }

    @Test
    void shouldKeepTheMastersOfSystemsInOtherFoldersApart() {
        final Path state = Path.of("/home/nobody/.local/state/dragon");
        final String standard = "/dev/shm/dragon-" + System.getProperty("user.name");
        assertEquals(state, quiet().load().masters().directory());
        assertEquals(
                state, quiet().flag("dragon.dir", standard).load().masters().directory());
        assertEquals(
                state.resolve("two"),
                quiet().flag("dragon.dir", "/dev/shm/two").load().masters().directory());
        assertEquals(
                Path.of("/srv/log"),
                quiet().flag("dragon.dir", "/dev/shm/two")
                        .flag("masters.directory", "/srv/log")
                        .load()
                        .masters()
                        .directory());
    }

    @Test
    void shouldTakeAFileWithoutAKeyForWhatItsNameSays() throws IOException {
        for (final String text : new String[] {"", "\n", "# nothing is set here\n", "---\n", "null\n"}) {
            final Path file = Files.writeString(folder.resolve("gpu_server.yaml"), text);
            final DragonConfig server = quiet().file(file).load();
            assertEquals(DragonConfig.FileKind.SERVER, server.kind(), text);
            assertEquals(9876, server.server().port());
            assertEquals(70, server.gpu().memoryLimitPercent());
            final Path other = Files.writeString(folder.resolve("dragon_gpu.yaml"), text);
            assertEquals(
                    DragonConfig.FileKind.CLIENT, quiet().file(other).load().kind(), text);
            final Path any = Files.writeString(folder.resolve("any.yaml"), text);
            assertEquals(DragonConfig.FileKind.CLIENT, quiet().file(any).load().kind(), text);
            assertEquals(
                    DragonConfig.FileKind.SERVER,
                    quiet().kind(DragonConfig.FileKind.SERVER).file(any).load().kind(),
                    text);
        }
    }

    @Test
    void shouldResolvePathsOfTheFileFromTheFile() throws IOException {
        final Path file = Files.writeString(
                folder.resolve("gpu_server.yaml"),
                "security: { secret_file: keys/secret }\nmasters: { directory: ~/m }\n");
        final DragonConfig config = quiet().file(file).load();
        assertEquals(
                Optional.of(folder.toAbsolutePath().resolve("keys/secret")),
                config.security().secretFile());
        assertEquals(Path.of("/home/nobody/m"), config.masters().directory());
        assertEquals(Path.of("/dev/shm/dragon-" + System.getProperty("user.name")), config.dragonDir());
    }

    @Test
    void shouldLetProfilesSetTheRest() {
        final DragonConfig reliable = read("profile: reliability\n");
        assertEquals(1, reliable.masters().fileSyncLevel());
        assertEquals(
                Timeouts.ha().ns(Timeouts.Key.ELECTION_TIMEOUT),
                reliable.timeouts().ns(Timeouts.Key.ELECTION_TIMEOUT));
        final DragonConfig low = read("profile: low-latency\ntimeouts: { profile: ci, clientLiveness: 7s }\n");
        assertEquals(RunProfile.LOW_LATENCY, low.mediaDriver().profile());
        assertEquals(
                Timeouts.ci().ns(Timeouts.Key.ELECTION_TIMEOUT), low.timeouts().ns(Timeouts.Key.ELECTION_TIMEOUT));
        assertEquals(7_000_000_000L, low.timeouts().ns(Timeouts.Key.CLIENT_LIVENESS));
        assertEquals(Timeouts.dev().toString(), read("").timeouts().toString());
    }

    @Test
    void shouldMeanTheSameKeyHoweverItsWordsAreJoined() {
        assertEquals(2, read("masters: { file-sync-level: 2 }\n").masters().fileSyncLevel());
        assertEquals(
                List.of("f.yaml:3:3: 'masters.fileSyncLevel' is there twice, first at line 2, expected once"),
                faults("masters:\n  file-sync-level: 2\n  fileSyncLevel: 1\n"));
    }

    @Test
    void shouldLetAHostRunSeveralMasters() {
        final DragonConfig config = read("masters: { members: [localhost, localhost, localhost], base_port: 9950 }\n");
        assertEquals(
                List.of("localhost", "localhost", "localhost"), config.masters().members());
        assertEquals(9950, config.masters().basePort());
    }

    @Test
    void shouldReadQuantitiesExactly() {
        assertEquals(64L << 20, Quantity.bytes("64MiB"));
        assertEquals(64_000_000L, Quantity.bytes("64 MB"));
        assertEquals(1_536, Quantity.bytes("1.5KiB"));
        assertEquals(250_000_000L, Quantity.nanos("250ms"));
        assertEquals(90_000_000_000L, Quantity.nanos("1.5min"));
        for (final String wrong :
                List.of("", "64", "-1ms", "1e3ms", "ms", "99999999999h", "1.5ns", "1 s s", "0x10B", "64mib")) {
            assertThrows(IllegalArgumentException.class, () -> Quantity.nanos(wrong), wrong);
            assertThrows(IllegalArgumentException.class, () -> Quantity.bytes(wrong), wrong);
        }
        for (final long nanos : new long[] {0, 1, 1_000, 1_500, 60_000_000_000L, 86_400_000_000_000L}) {
            assertEquals(nanos, Quantity.nanos(Quantity.timeText(nanos)));
            assertEquals(nanos, Quantity.bytes(Quantity.sizeText(nanos)));
        }
    }

    @Test
    void shouldKnowAddresses() {
        for (final String good : List.of("10.0.0.1", "10.0.0.0/8", "::1", "fe80::1/64", "2001:db8:0:0:0:0:0:1")) {
            assertTrue(NetworkText.isAddressRange(good), good);
        }
        for (final String bad : List.of(
                "10.0.0",
                "10.0.0.256",
                "10.0.0.0/33",
                "host",
                "::1::",
                "1:2",
                "fe80::1/129",
                "/8",
                "10.0.0.0/",
                ":::")) {
            assertFalse(NetworkText.isAddressRange(bad), bad);
        }
        assertTrue(NetworkText.isHost("node-1.example.org"));
        assertFalse(NetworkText.isHost("42"));
        assertFalse(NetworkText.isHost("a b"));
    }
}
