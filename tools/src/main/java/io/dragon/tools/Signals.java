package io.dragon.tools;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/** Signals of the operating system. sun.misc.Signal has no supported successor; by reflection, because the compiler warns at its name. */
final class Signals {
    private Signals() {}

    /**
     * Catches signals from now on, on a thread of their own.
     *
     * @param action takes the name of the one that came, {@code SIGTERM}.
     * @param names  of signals, {@code TERM}.
     * @throws ReflectiveOperationException where they cannot be caught.
     */
    static void handle(final Consumer<String> action, final String... names) throws ReflectiveOperationException {
        final Class<?> signal = Class.forName("sun.misc.Signal");
        final Class<?> handler = Class.forName("sun.misc.SignalHandler");
        final Method handle = signal.getMethod("handle", signal, handler);
        final InvocationHandler invocation = (proxy, method, args) -> switch (method.getName()) {
            case "handle" -> {
                action.accept(args[0].toString());
                yield null;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == args[0];
            default -> "Signals";
        };
        final Object proxy =
                Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, invocation);
        for (final String name : names) {
            handle.invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        }
    }
}
