package io.dragon.worker.device;

/** What a GPU's driver refused or what went wrong on the GPU, in one plain sentence. */
public final class GpuException extends RuntimeException {
    /** CUDA's code: there is not enough memory on the device. */
    public static final int OUT_OF_MEMORY = 2;

    /** CUDA's code: the driver's library is a stub or none. */
    public static final int STUB_LIBRARY = 34;

    /** CUDA's code: the GPU is held by somebody in exclusive mode, or must not be used. */
    public static final int DEVICE_UNAVAILABLE = 46;

    /** CUDA's code: there is no GPU. */
    public static final int NO_DEVICE = 100;

    /** CUDA's code: there is no GPU of this number. */
    public static final int INVALID_DEVICE = 101;

    /** CUDA's code: a memory error that the GPU could not correct. */
    public static final int ECC_UNCORRECTABLE = 214;

    /** CUDA's code: a kernel touched memory that is not its own. */
    public static final int ILLEGAL_ADDRESS = 700;

    /** CUDA's code: memory is registered already. */
    public static final int ALREADY_REGISTERED = 712;

    /** CUDA's code: memory is not registered. */
    public static final int NOT_REGISTERED = 713;

    /** CUDA's code: a kernel failed for a reason of its own. */
    public static final int LAUNCH_FAILED = 719;

    /** CUDA's code: memory cannot be pinned by this process. */
    public static final int NOT_PERMITTED = 800;

    /** CUDA's code: this GPU or this system cannot do that. */
    public static final int NOT_SUPPORTED = 801;

    /** CUDA's code: an error that the driver has no word for; what a GPU says that fell off the bus. */
    public static final int UNKNOWN = 999;

    /** Ours: the GPU did not finish in time, and what it is doing cannot be taken back. */
    public static final int NO_ANSWER = -1;

    private static final long serialVersionUID = 1L;

    /** CUDA's, or ours below 0. */
    private final int code;

    /** CUDA's name of the code. */
    private final String codeName;

    /** Nothing works any more. */
    private final boolean isSticky;

    /**
     * An error of the driver.
     *
     * @param code     CUDA's, or one of ours below 0.
     * @param codeName CUDA's name of it.
     * @param message  one plain sentence.
     */
    public GpuException(final int code, final String codeName, final String message) {
        this(code, codeName, message, isSticky(code));
    }

    GpuException(final int code, final String codeName, final String message, final boolean isSticky) {
        super(message);
        this.code = code;
        this.codeName = codeName;
        this.isSticky = isSticky;
    }

    /** The GPU has not finished within a limit. */
    static GpuException hung(final long limitNs) {
        return new GpuException(
                NO_ANSWER,
                "NO_ANSWER",
                "the GPU has not finished the work of a task after " + limitNs / 1_000_000
                        + " ms; this process cannot use it any more.");
    }

    /**
     * Which error it is, for programs.
     *
     * @return CUDA's code, or one of ours below 0.
     */
    public int code() {
        return code;
    }

    /**
     * CUDA's name of the error.
     *
     * @return for instance {@code CUDA_ERROR_OUT_OF_MEMORY}.
     */
    public String codeName() {
        return codeName;
    }

    /**
     * Whether there was not enough memory on the device: the same task in smaller pieces may work.
     *
     * @return false for every other error.
     */
    public boolean isOutOfMemory() {
        return code == OUT_OF_MEMORY;
    }

    /**
     * Whether nothing works on this GPU any more for this process: only a new process has it again.
     *
     * @return false for an error of one call.
     */
    public boolean isSticky() {
        return isSticky;
    }

    private static boolean isSticky(final int code) {
        return switch (code) {
            case NO_ANSWER,
                    ECC_UNCORRECTABLE,
                    220, // NVLINK_UNCORRECTABLE
                    226, // CONTAINED
                    4, // DEINITIALIZED
                    201, // INVALID_CONTEXT
                    ILLEGAL_ADDRESS,
                    702, // LAUNCH_TIMEOUT
                    709, // CONTEXT_IS_DESTROYED
                    710, // ASSERT
                    714, // HARDWARE_STACK_ERROR
                    715, // ILLEGAL_INSTRUCTION
                    716, // MISALIGNED_ADDRESS
                    717, // INVALID_ADDRESS_SPACE
                    718, // INVALID_PC
                    LAUNCH_FAILED,
                    721, // TENSOR_MEMORY_LEAK
                    911, // EXTERNAL_DEVICE
                    UNKNOWN -> true;
            default -> false;
        };
    }
}
