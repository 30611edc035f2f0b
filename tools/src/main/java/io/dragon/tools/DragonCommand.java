package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import java.io.File;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What every command is: {@code --help}, {@code --version} and {@code --debug}, data on {@link #out}, messages on
 * {@link #err}, an exit code of {@link ExitCode} from {@link #run}, and a {@link DragonException} for everything a user
 * can act on. Whatever else it throws is reported as a fault of the program.
 */
abstract class DragonCommand implements Callable<Integer> {
    /** Shows stack traces; also by {@code DRAGON_DEBUG=1}. */
    @Option(names = "--debug", description = "show stack traces of errors (also DRAGON_DEBUG=1)")
    boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and exit")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "show the version and exit")
    boolean version;

    /** Where this command hangs in the tree of commands. */
    @Spec
    CommandSpec spec;

    /** Data goes here. */
    protected PrintStream out = System.out;

    /** Messages go here. */
    protected PrintStream err = System.err;

    @Override
    public final Integer call() throws Exception {
        out = System.out;
        err = System.err;
        checkConfigurationVariable();
        for (final CommandSpec mixin : spec.mixins().values()) {
            if (mixin.userObject() instanceof JsonOutput json) {
                json.requireWritable();
            }
        }
        return run();
    }

    /**
     * Does the work.
     *
     * @return one of {@link ExitCode}.
     * @throws Exception a {@link DragonException} when the user can act on it.
     */
    protected abstract int run() throws Exception;

    /** Also where no configuration is needed: a variable that leads nowhere is a mistake that shows later otherwise. */
    private void checkConfigurationVariable() {
        final String variable = System.getenv("DRAGON_CONF");
        if (variable != null && !variable.isEmpty() && !new File(variable).exists()) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "environment: 'DRAGON_CONF' is '" + variable + "', but there is no such file or folder");
        }
    }

    /** Whether errors are shown with everything there is to know. */
    protected final boolean isDebug() {
        return debug || "1".equals(System.getenv("DRAGON_DEBUG"));
    }

    /** One sentence for the user, on standard error. */
    protected final void say(final String sentence) {
        err.println(sentence);
    }

    /** Wrong usage that the parser cannot see: one line, exit code 2. */
    protected final ParameterException wrongUsage(final String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
