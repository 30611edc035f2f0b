package io.dragon.worker;

import io.dragon.engine.config.DragonException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The handlers of a worker: those that it was given, and those that are found for other task types. */
final class FoundHandlers {
    private FoundHandlers() {}

    /** One for each task type; found ones only with a class loader. */
    static List<TaskHandler> of(final String worker, final List<TaskHandler> given, final ClassLoader classLoader) {
        final Map<String, TaskHandler> byType = new LinkedHashMap<>();
        for (final TaskHandler handler : given) {
            add(byType, handler);
        }
        if (classLoader != null) {
            final Map<String, TaskHandler> found = new LinkedHashMap<>();
            try {
                ServiceLoader.load(TaskHandler.class, classLoader).forEach(handler -> add(found, handler));
            } catch (final ServiceConfigurationError ex) {
                throw new DragonException(
                        DragonException.WRONG_USAGE, "a task handler could not be loaded: " + ex.getMessage(), ex);
            }
            found.forEach(byType::putIfAbsent);
        }
        if (byType.isEmpty()) {
            throw new DragonException("worker '" + worker + "' has no task handler");
        }
        return List.copyOf(byType.values());
    }

    private static void add(final Map<String, TaskHandler> byType, final TaskHandler handler) {
        final TaskHandler other = byType.putIfAbsent(handler.taskType(), handler);
        if (other != null) {
            throw new DragonException("two handlers are there for task type '" + handler.taskType() + "': "
                    + other.getClass().getName() + " and "
                    + handler.getClass().getName());
        }
    }
}
