package io.dragon.tools;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;

/** Keeps Logback silent until {@link ProcessLog} says where the log goes: a command that reads has none. */
public final class LogStart extends ContextAwareBase implements Configurator {
    /** Made by Logback. */
    public LogStart() {}

    @Override
    public ExecutionStatus configure(final LoggerContext context) {
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
