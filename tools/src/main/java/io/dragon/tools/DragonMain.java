package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Quantity;
import io.dragon.engine.config.StandardError;
import io.dragon.engine.config.Suggestion;
import io.dragon.worker.device.DriverCall;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry point of every Dragon program: {@code dragon COMMAND …}. */
public final class DragonMain {
    /** How long the rest may take to end when one thread has died. */
    private static final long DEATH_NS = 5_000_000_000L;

    private static volatile boolean threadDied;

    private DragonMain() {}

    /**
     * Runs one command and exits with its code.
     *
     * @param args the command and its options.
     */
    public static void main(final String[] args) {
        StandardError.mend();
        Thread.setDefaultUncaughtExceptionHandler(DragonMain::onThreadDeath);
        ParentWatch.start();
        final int result = run(args);
        final boolean isCut = StandardStreams.hasLostOutput();
        if (isCut) {
            System.err.println("Standard output could not be written in full: is its disk full?");
        }
        final int code = (threadDied || isCut) && result == ExitCode.OK ? ExitCode.FAILED : result;
        System.err.flush();
        if (DriverCall.isStuck()) {
            DriverCall.endProcess(code);
        }
        System.exit(code);
    }

    /**
     * Runs one command in this JVM.
     *
     * @param args the command and its options.
     * @return the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 3 degraded, 4 timed out.
     */
    public static int run(final String... args) {
        try {
            return commandLine().execute(args);
        } catch (final Error ex) {
            return onError(ex);
        }
    }

    /**
     * A thread that an error has ended leaves a process that stands and does not work, and holds what proves that it lives. It ends, so that
     * whoever watches it starts it again.
     */
    private static void onThreadDeath(final Thread thread, final Throwable ex) {
        System.err.println("The thread " + thread.getName() + " ended by " + inOneLine(ex) + "."
                + (isDebug() ? "" : " (a fault of this program; DRAGON_DEBUG=1 shows where)"));
        if (isDebug()) {
            ex.printStackTrace();
        }
        if (ex instanceof Error) {
            threadDied = true;
            EndAtLast.within(DEATH_NS);
            if (!StopSignal.requestInstalled()) {
                System.exit(ExitCode.FAILED);
            }
        }
    }

    /** What no command expects: in words, as everything. */
    static int onError(final Error ex) {
        if (ex instanceof OutOfMemoryError) {
            System.err.println("There is not enough memory (" + ex.getMessage()
                    + "): give Java more, as with DRAGON_HEAP_OPTS=-Xmx8g, or ask for less at a time.");
        } else {
            System.err.println("Unexpected " + ex.getClass().getSimpleName() + ": " + ex.getMessage()
                    + " (a fault of this program; DRAGON_DEBUG=1 shows where)");
        }
        if (isDebug()) {
            ex.printStackTrace();
        }
        return ExitCode.FAILED;
    }

    private static boolean isDebug() {
        return "1".equals(System.getenv("DRAGON_DEBUG"));
    }

    private static String inOneLine(final Throwable ex) {
        return ex.toString().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\.+$", "");
    }

    static CommandLine commandLine() {
        final CommandLine root = new CommandLine(new RootCommand());
        for (final DragonCommand command : Commands.all()) {
            root.addSubcommand(command);
        }
        final Ansi ansi = Terminal.colour() ? Ansi.ON : Ansi.OFF;
        final PrintWriter out = new PrintWriter(System.out, true);
        final PrintWriter err = new PrintWriter(System.err, true);
        configure(root, out, err, ansi);
        root.setExecutionExceptionHandler(DragonMain::onException);
        root.setParameterExceptionHandler(DragonMain::onWrongUsage);
        return root;
    }

    private static void configure(
            final CommandLine command, final PrintWriter out, final PrintWriter err, final Ansi ansi) {
        command.setOut(out);
        command.setErr(err);
        command.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
        command.setUsageHelpAutoWidth(false);
        command.setUsageHelpWidth(100);
        command.setAbbreviatedOptionsAllowed(false);
        command.setOverwrittenOptionsAllowed(false);
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.getCommandSpec().versionProvider(new Version());
        command.registerConverter(Duration.class, text -> Duration.ofNanos(converted(() -> Quantity.nanos(text))));
        command.registerConverter(ByteSize.class, text -> new ByteSize(converted(() -> Quantity.bytes(text))));
        command.registerConverter(ReconstructCommand.Method.class, text -> word(ReconstructCommand.Method.class, text));
        command.registerConverter(TopView.Sort.class, text -> word(TopView.Sort.class, text));
        command.getSubcommands().values().forEach(sub -> configure(sub, out, err, ansi));
    }

    private static long converted(final java.util.function.LongSupplier parse) {
        try {
            return parse.getAsLong();
        } catch (final IllegalArgumentException ex) {
            throw new CommandLine.TypeConversionException(ex.getMessage());
        }
    }

    /** A word of an option that takes few, however it is capitalised. */
    private static <E extends Enum<E>> E word(final Class<E> type, final String text) {
        final List<String> words = new ArrayList<>();
        for (final E value : type.getEnumConstants()) {
            if (value.name().equalsIgnoreCase(text)) {
                return value;
            }
            words.add(value.name().toLowerCase(Locale.ROOT));
        }
        throw new CommandLine.TypeConversionException(
                "expected " + String.join(" or ", words) + ", not '" + text + "'" + Suggestion.of(text, words));
    }

    private static int onException(final Exception ex, final CommandLine command, final ParseResult ignored) {
        final boolean debug = command.getCommand() instanceof DragonCommand dragon && dragon.isDebug();
        final PrintWriter err = command.getErr();
        int code = ExitCode.FAILED;
        if (ex instanceof ParameterException wrong) {
            return onWrongUsage(wrong, new String[0]);
        } else if (ex instanceof DragonException known) {
            err.println(known.getMessage());
            code = known.exitCode();
        } else {
            err.println("Unexpected " + ex.getClass().getSimpleName() + ": " + ex.getMessage()
                    + (debug ? "" : " (a fault of this program; --debug shows where)"));
        }
        if (debug) {
            ex.printStackTrace(err);
        }
        err.flush();
        return code;
    }

    private static int onWrongUsage(final ParameterException ex, final String[] ignored) {
        final CommandLine command = ex.getCommandLine();
        final PrintWriter err = command.getErr();
        final List<String> unmatched =
                ex instanceof UnmatchedArgumentException known ? known.getUnmatched() : command.getUnmatchedArguments();
        for (final String word : unmatched) {
            err.println(unknown(command, word));
            if (!word.startsWith("-") && !command.getSubcommands().isEmpty()) {
                break; // what follows belongs to the command that is not there
            }
        }
        if (!(ex instanceof UnmatchedArgumentException)) {
            err.println(named(command, inWords(ex.getMessage())) + taken(ex));
        }
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    /** A word behind {@code --json} is taken for its file, also where it was meant for what is missing now. */
    private static String taken(final ParameterException ex) {
        if (ex instanceof MissingParameterException) {
            for (final CommandSpec mixin :
                    ex.getCommandLine().getCommandSpec().mixins().values()) {
                if (mixin.userObject() instanceof JsonOutput json && json.isWanted() && !json.isStandardOutput()) {
                    return " ('" + json.target
                            + "' was taken for the file of --json: put --json last, or write --json=-)";
                }
            }
        }
        return "";
    }

    /** What the parser says of types and maps, in a user's words. */
    private static String inWords(final String fault) {
        return fault.replaceAll("' is not an? (int|long)$", "' is not a whole number")
                .replaceAll("' is not an? (double|float)$", "' is not a number")
                .replaceAll(
                        "(?i)^value for option option '([^']*)' \\(([^)]*)\\) should be in KEY=VALUE format but was (.*)$",
                        "'$1 $3' is not a key with a value, expected $1 $2");
    }

    /** A fault with the command's name in front of it. */
    private static String named(final CommandLine command, final String fault) {
        final String name = command.getCommandSpec().qualifiedName();
        return fault.startsWith(name)
                ? fault
                : name + ": " + Character.toLowerCase(fault.charAt(0)) + fault.substring(1);
    }

    private static String unknown(final CommandLine command, final String word) {
        final List<String> known = new ArrayList<>();
        if (word.startsWith("-")) {
            command.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
            final String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
            return command.getCommandSpec().qualifiedName() + ": unknown option '" + name + "'"
                    + Suggestion.of(name, known);
        }
        known.addAll(command.getSubcommands().keySet());
        final String what = known.isEmpty() ? "unexpected argument" : "unknown command";
        return command.getCommandSpec().qualifiedName() + ": " + what + " '" + word + "'" + Suggestion.of(word, known);
    }

    /** The version the build gave. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"dragon " + BuildInfo.version()};
        }
    }

    @Command(
            name = "dragon",
            description = "Moves camera frames and data blocks to GPU workers and loses none of them.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 finished but degraded, 4 timed out.",
                "'dragon COMMAND --help' explains one command."
            })
    static final class RootCommand extends DragonCommand {
        @Override
        protected int run() {
            spec.commandLine().usage(err);
            return ExitCode.USAGE;
        }
    }
}
