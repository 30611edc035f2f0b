package io.dragon.engine.transfer;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.DatagramChannel;

/**
 * Two options of Linux for UDP sockets that Java has no names for: many packets with one call, cut by the kernel or the card when sending, and
 * put together again when receiving. They are set by way of a method inside Java ({@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}); without
 * that, or on a system that does not know them, every packet is a call of its own.
 */
final class SocketOffload {
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;

    private static final Method SET_OPTION;
    private static final Field DESCRIPTOR;

    static {
        Method method = null;
        Field field = null;
        if (System.getProperty("os.name").startsWith("Linux")) {
            try {
                method = Class.forName("sun.nio.ch.Net")
                        .getDeclaredMethod(
                                "setIntOption0",
                                FileDescriptor.class,
                                boolean.class,
                                int.class,
                                int.class,
                                int.class,
                                boolean.class);
                method.setAccessible(true);
                field = Class.forName("sun.nio.ch.DatagramChannelImpl").getDeclaredField("fd");
                field.setAccessible(true);
            } catch (final ReflectiveOperationException | RuntimeException notOpen) {
                method = null;
            }
        }
        SET_OPTION = method;
        DESCRIPTOR = field;
    }

    private SocketOffload() {}

    /**
     * Has the kernel cut what is longer into packets.
     *
     * @param channel of which everything is sent so from now on
     * @param length  of a packet's payload; 0 for no cutting
     * @return false where that cannot be
     */
    static boolean segment(final DatagramChannel channel, final int length) {
        return set(channel, UDP_SEGMENT, length);
    }

    /**
     * Has the kernel hand over packets of one length and one sender that came together as one.
     *
     * @param channel that can deal with that
     * @return false where that cannot be
     */
    static boolean coalesce(final DatagramChannel channel) {
        return set(channel, UDP_GRO, 1);
    }

    private static boolean set(final DatagramChannel channel, final int option, final int value) {
        if (SET_OPTION == null || channel == null) {
            return false;
        }
        try {
            SET_OPTION.invoke(null, DESCRIPTOR.get(channel), false, SOL_UDP, option, value, false);
            return true;
        } catch (final InvocationTargetException refused) {
            if (refused.getCause() instanceof IOException) {
                return false;
            }
            throw new IllegalStateException(refused.getCause());
        } catch (final ReflectiveOperationException | RuntimeException unlike) {
            return false; // a Java whose inside is another one
        }
    }
}
