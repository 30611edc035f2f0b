package io.dragon.tools;

import io.aeron.Aeron;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonConfig;
import io.dragon.tools.chaos.ForgedFrames;
import io.dragon.tools.chaos.Intruder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The stranger of a chaos run over several hosts. */
@Command(
        name = "chaos-intruder",
        hidden = true,
        description = "Sends to every port of other hosts what nobody of their system would; started by a chaos run.")
final class ChaosIntruderCommand extends DragonCommand {
    private static final long ROUND_MS = 100;

    @Mixin
    ConfigOptions options;

    @Option(names = "--target", required = true, split = ",")
    List<String> targets;

    @Option(names = "--broadcast", required = true)
    String broadcast;

    @Option(names = "--seed")
    long seed = 1;

    @Override
    protected int run() throws Exception {
        final DragonConfig config = options.load();
        final StopSignal stop = StopSignal.install();
        try (MediaDriverNode driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                        .directory(ConfigOptions.directory(config).create().aeron())
                        .timeouts(config.timeouts()));
                Aeron aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));
                ForgedFrames forged = new ForgedFrames(aeron, targets, seed);
                Intruder intruder = new Intruder(targets, broadcast, seed)) {
            out.println("begun");
            out.flush();
            while (!stop.await(ROUND_MS, TimeUnit.MILLISECONDS)) {
                intruder.round();
                forged.round();
            }
            say(intruder.text() + "; " + forged.text());
        }
        return ExitCode.OK;
    }
}
