package io.dragon.tools.chaos;

import io.dragon.tools.process.ChildProcess;

/**
 * A worker that the gpu-server started and will start again.
 *
 * @param name      its name.
 * @param processId its process.
 */
record SupervisedWorker(String name, long processId) implements Strikable {
    @Override
    public void kill() {
        ProcessHandle.of(processId).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Override
    public void pause() {
        ChildProcess.signal(processId, "STOP");
    }

    @Override
    public void goOn() {
        ChildProcess.signal(processId, "CONT");
    }

    @Override
    public void start() {
        // the gpu-server does
    }
}
