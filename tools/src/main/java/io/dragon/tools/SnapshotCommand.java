package io.dragon.tools;

import io.aeron.cluster.ClusterTool;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon snapshot}. */
@Command(
        name = "snapshot",
        description = "Makes the leading master, which must run on this machine, write a snapshot now.")
final class SnapshotCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Option(names = "--data", paramLabel = "DIR", description = "the masters' folder (default: masters.directory)")
    String data;

    @Override
    protected int run() {
        final DragonConfig config =
                options.loader().flag("masters.directory", data).load();
        ClusterAccess.requireDriver(config);
        final ByteArrayOutputStream said = new ByteArrayOutputStream();
        boolean found = false;
        for (int member = 0; member < config.masters().members().size(); member++) {
            final Path folder = MasterCommand.dataDirectory(config, member).resolve("cluster");
            if (Files.isDirectory(folder)) {
                found = true;
                if (ClusterTool.snapshot(folder.toFile(), new PrintStream(said, true, StandardCharsets.UTF_8))) {
                    out.println("snapshot taken by master " + member);
                    return ExitCode.OK;
                }
            }
        }
        final String answer = said.toString(StandardCharsets.UTF_8).trim().replaceAll("\\s+", " ");
        throw new DragonException(
                found
                        ? "No snapshot was taken" + (answer.isEmpty() ? "" : ": " + answer)
                                + "; only the leading master takes one."
                        : "There is no master's folder in " + config.masters().directory() + ": name it with --data.");
    }
}
