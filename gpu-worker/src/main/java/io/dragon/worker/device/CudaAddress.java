package io.dragon.worker.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/**
 * Addresses as JCuda takes them, changed in place: JCuda makes an object of each, and has no way to change one.
 */
final class CudaAddress {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
                    .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
        } catch (final ReflectiveOperationException ex) {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private CudaAddress() {}

    /** An address of the host. */
    static final class Host extends Pointer {
        Host at(final long address) {
            VALUE.set(this, address);
            return this;
        }
    }

    /** An address of the device. */
    static final class Device extends CUdeviceptr {
        Device at(final long address) {
            VALUE.set(this, address);
            return this;
        }
    }

    static long of(final NativePointerObject pointer) {
        return (long) VALUE.get(pointer);
    }
}
