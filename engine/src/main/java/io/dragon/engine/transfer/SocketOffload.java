package io.dragon.engine.transfer;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.channels.DatagramChannel;

/**
 * Two options of Linux for UDP sockets that Java has no names for: many packets with one call, cut by the kernel or the card when sending, and
 * put together again when receiving. They are set by way of a method inside Java ({@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED}); without
 * that, or on a system that does not know them, every packet is a call of its own. Allocates nothing once it is made.
 */
final class SocketOffload {
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;

    private static final MethodHandle SET_OPTION;
    private static final Field DESCRIPTOR;

    static {
        MethodHandle handle = null;
        Field field = null;
        if (System.getProperty("os.name").startsWith("Linux")) {
            try {
                final Method method = Class.forName("sun.nio.ch.Net")
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
                handle = MethodHandles.lookup().unreflect(method);
            } catch (final ReflectiveOperationException | RuntimeException notOpen) {
                handle = null;
            }
        }
        SET_OPTION = handle;
        DESCRIPTOR = field;
    }

    private final FileDescriptor descriptor;

    /**
     * The options of a socket.
     *
     * @param channel that is open; null where there is none
     */
    SocketOffload(final DatagramChannel channel) {
        FileDescriptor found = null;
        if (SET_OPTION != null && channel != null) {
            try {
                found = (FileDescriptor) DESCRIPTOR.get(channel);
            } catch (final ReflectiveOperationException | RuntimeException unlike) {
                found = null; // a Java whose inside is another one
            }
        }
        descriptor = found;
    }

    /**
     * Has the kernel cut what is longer into packets. With it even a single packet of that length has to fit the way as it is: none is sent in
     * fragments.
     *
     * @param length of a packet's payload; 0 for no cutting
     * @return false where that cannot be
     */
    boolean segment(final int length) {
        return set(UDP_SEGMENT, length);
    }

    /**
     * Has the kernel hand over packets of one length and one sender that came together as one.
     *
     * @return false where that cannot be
     */
    boolean coalesce() {
        return set(UDP_GRO, 1);
    }

    private boolean set(final int option, final int value) {
        if (descriptor == null) {
            return false;
        }
        try {
            SET_OPTION.invokeExact(descriptor, false, SOL_UDP, option, value, false);
            return true;
        } catch (final IOException refused) {
            return false;
        } catch (final RuntimeException | Error ex) {
            throw ex;
        } catch (final Throwable ex) {
            throw new IllegalStateException(ex);
        }
    }
}
