package io.dragon.tools;

import io.dragon.engine.config.ConfigReference;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code dragon config}: what files say, and what holds. */
@Command(
        name = "config",
        description = "Checks configuration files and shows what holds.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ConfigCommand.Check.class,
            ConfigCommand.Show.class,
            ConfigCommand.Paths.class,
            ConfigCommand.Reference.class
        })
final class ConfigCommand extends DragonCommand {
    @Override
    protected int run() {
        throw wrongUsage("dragon config: a command is missing, expected check, show, paths or reference");
    }

    /** Reads files, with the environment and flags as they are, and reports every fault. */
    @Command(name = "check", description = "Reads files and reports every fault of each, with its line and column.")
    static final class Check extends DragonCommand {
        @Parameters(paramLabel = "FILE", arity = "1..*", description = "dragon_gpu.yaml or gpu_server.yaml")
        List<Path> files = new ArrayList<>();

        @Option(
                names = "--kind",
                paramLabel = "KIND",
                description = "client or server, where the file's name does not tell")
        DragonConfig.FileKind kind;

        @Mixin
        JsonOutput json;

        @Override
        protected int run() {
            final ObjectNode result = JsonOutput.object();
            final ArrayNode each = result.putArray("files");
            int code = ExitCode.OK;
            for (final Path file : files) {
                final ObjectNode node = each.addObject().put("file", file.toString());
                final ArrayNode faults = node.putArray("faults");
                final ArrayNode remarks = node.putArray("remarks");
                try {
                    final DragonConfig config =
                            DragonConfig.loader().kind(kind).file(file).load();
                    for (final String remark : config.remarks()) {
                        say(remark);
                        remarks.add(remark);
                    }
                    if (!json.isStandardOutput()) {
                        out.println(file + ": valid");
                    }
                } catch (final DragonException ex) {
                    say(ex.getMessage());
                    ex.getMessage().lines().forEach(faults::add);
                    code = ExitCode.USAGE;
                }
            }
            json.write(out, result.put("valid", code == ExitCode.OK));
            return code;
        }
    }

    /** The effective configuration with its origins. */
    @Command(name = "show", description = "Shows every key, its value and where the value came from.")
    static final class Show extends DragonCommand {
        @Mixin
        ConfigOptions options;

        @Option(names = "--kind", paramLabel = "KIND", description = "client (default) or server")
        DragonConfig.FileKind kind;

        @Option(names = "--effective", description = "all keys, which is what happens without --changed too")
        boolean effective;

        @Option(names = "--changed", description = "only the keys that something sets")
        boolean changed;

        @Mixin
        JsonOutput json;

        @Override
        protected int run() {
            if (effective && changed) {
                throw wrongUsage("dragon config show: --effective and --changed exclude each other");
            }
            final DragonConfig config = options.loader().kind(kind).load();
            config.remarks().forEach(this::say);
            final List<List<String>> rows = new ArrayList<>();
            final ObjectNode result = JsonOutput.object();
            result.put("file", config.file().map(Path::toString).orElse(null));
            final ArrayNode keys = result.putArray("keys");
            for (final DragonConfig.Setting setting : config.settings()) {
                if (!changed || !setting.origin().equals("default")) {
                    rows.add(List.of(setting.key(), setting.value(), setting.origin()));
                    keys.addObject()
                            .put("key", setting.key())
                            .put("value", setting.value())
                            .put("origin", setting.origin());
                }
            }
            if (!json.isStandardOutput()) {
                Tables.printLeft(out, List.of("KEY", "VALUE", "FROM"), rows);
            }
            json.write(out, result);
            return ExitCode.OK;
        }
    }

    /** Where a system is, for scripts. */
    @Command(
            name = "paths",
            description =
                    "Prints the masters and the folders of a system, resolved: KEY=VALUE, one a line, for scripts.")
    static final class Paths extends DragonCommand {
        @Mixin
        ConfigOptions options;

        @Override
        protected int run() {
            final DragonConfig config = options.load();
            out.println("dragon.dir=" + config.dragonDir().toAbsolutePath());
            out.println("media_driver.directory="
                    + ClusterAccess.aeronDirectory(config).toAbsolutePath());
            out.println("masters.directory=" + config.masters().directory().toAbsolutePath());
            out.println("masters.members=" + String.join(",", config.masters().members()));
            return ExitCode.OK;
        }
    }

    /** The table of keys. */
    @Command(name = "reference", description = "Prints docs/configuration.md, or a JSON Schema for editors.")
    static final class Reference extends DragonCommand {
        @Option(
                names = "--schema",
                paramLabel = "KIND",
                description = "the JSON Schema of the client or the server file")
        DragonConfig.FileKind schema;

        @Override
        protected int run() {
            out.print(schema == null ? ConfigReference.markdown() : ConfigReference.jsonSchema(schema));
            return ExitCode.OK;
        }
    }
}
