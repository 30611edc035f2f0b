package io.dragon.tools;

import io.dragon.tools.chaos.LinkTime;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The far end of a link whose own time is measured. */
@Command(
        name = "chaos-link",
        hidden = true,
        description = "Sends back what comes; started by the figures of a chaos run.")
final class ChaosLinkCommand extends DragonCommand {
    @Option(names = "--port", required = true)
    int port;

    @Override
    protected int run() throws IOException {
        LinkTime.serve(port);
        return ExitCode.OK;
    }
}
