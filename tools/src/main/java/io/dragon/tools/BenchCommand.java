package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code dragon bench}, for the list of commands: the benchmarks are a module of their own, which the script calls before it would
 * call this.
 */
@Command(
        name = "bench",
        description =
                "Measures this machine, beside baselines in the same run: dragon bench --help, dragon bench list.")
final class BenchCommand extends DragonCommand {
    @Parameters(paramLabel = "SUITE", arity = "0..*", description = "what to run")
    List<String> suites = List.of();

    @Override
    protected int run() {
        throw new DragonException(
                "The benchmarks run in a program of their own: start them with the script, 'dragon bench'.");
    }
}
