package io.dragon.tools;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one log of a process: standard error, or a file rotated at 16 MiB of which five old ones are kept. One line per event:
 * time, level, role, id, text; a stack trace is folded into the line.
 */
final class ProcessLog {
    private static final String MAX_FILE_SIZE = "16MB";
    private static final int OLD_FILES = 5;

    private ProcessLog() {}

    /**
     * Starts the log.
     *
     * @param role      what this process is.
     * @param id        which one.
     * @param directory where files go; null for standard error.
     * @param level     the least important level.
     * @return the logger to use.
     * @throws DragonException when the folder cannot be written.
     */
    static Logger start(final String role, final String id, final Path directory, final String level) {
        final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        final PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level " + plain(role) + " " + plain(id)
                + " %replace(%msg%n%ex){'\\s*[\\r\\n]+\\s*(?!$)', ' | '}%nopex");
        encoder.start();
        final OutputStreamAppender<ILoggingEvent> appender =
                directory == null ? toStandardError(context, encoder) : toFiles(context, encoder, directory, role, id);
        final ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level, Level.INFO));
        root.addAppender(appender);
        return LoggerFactory.getLogger("dragon");
    }

    private static OutputStreamAppender<ILoggingEvent> toStandardError(
            final LoggerContext context, final PatternLayoutEncoder encoder) {
        final OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(new StandardError());
        appender.start();
        return appender;
    }

    private static OutputStreamAppender<ILoggingEvent> toFiles(
            final LoggerContext context,
            final PatternLayoutEncoder encoder,
            final Path directory,
            final String role,
            final String id) {
        final String base = directory
                .resolve("dragon-" + fileName(role) + "-" + fileName(id))
                .toString();
        try {
            Files.createDirectories(directory);
            if (!Files.isWritable(directory)) {
                throw new DragonException(
                        DragonException.WRONG_USAGE, "The log folder " + directory + " cannot be written.");
            }
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The log folder " + directory + " cannot be made: " + FileErrors.inWords(ex) + ".");
        }
        final RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setFile(base + ".log");
        final FixedWindowRollingPolicy policy = new FixedWindowRollingPolicy();
        policy.setContext(context);
        policy.setParent(appender);
        policy.setFileNamePattern(base + ".%i.log");
        policy.setMinIndex(1);
        policy.setMaxIndex(OLD_FILES);
        policy.start();
        final SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf(MAX_FILE_SIZE));
        trigger.start();
        appender.setRollingPolicy(policy);
        appender.setTriggeringPolicy(trigger);
        appender.start();
        return appender;
    }

    private static String plain(final String text) {
        return text.replaceAll("[^A-Za-z0-9_.:-]", "_");
    }

    private static String fileName(final String text) {
        return text.replaceAll("[^A-Za-z0-9_-]", "_");
    }

    /** Standard error as it is now, not as it was when the log began; never closed. */
    private static final class StandardError extends OutputStream {
        @Override
        public void write(final int b) {
            System.err.write(b);
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) {
            System.err.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            System.err.flush();
        }
    }
}
