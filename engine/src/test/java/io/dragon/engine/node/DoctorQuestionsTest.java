package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A host that runs answers the doctor of another one on the ports it has. */
final class DoctorQuestionsTest {
    private static byte[] question(final int length) {
        return ByteBuffer.allocate(length)
                .putLong(0, DoctorQuestions.MARK)
                .putInt(8, DoctorQuestions.QUESTION)
                .putLong(16, 77)
                .array();
    }

    @Test
    void shouldAnswerAndNotHandOnWhatDoctorAsks() throws Exception {
        try (DatagramSocketLine line = DatagramSocketLine.open(0, false);
                DatagramSocket doctor = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            doctor.setSoTimeout(5_000);
            final DatagramPacket received = new DatagramPacket(new byte[10_000], 10_000);
            for (final int length : new int[] {64, 1_408, 8_972}) {
                send(doctor, question(length), line.port());
                await(line, -1);
                doctor.receive(received);
                assertEquals(length, received.getLength(), "as long as it came");
                final ByteBuffer answer = ByteBuffer.wrap(received.getData());
                assertEquals(DoctorQuestions.ANSWER, answer.getInt(8));
                assertEquals(77, answer.getLong(16));
            }
            send(doctor, new byte[100], line.port());
            await(line, 100);
        }
    }

    private static void send(final DatagramSocket from, final byte[] bytes, final int port) throws Exception {
        from.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }

    /** What the line takes of what was just sent on loopback; -1: nothing. */
    private static void await(final DatagramSocketLine line, final int length) {
        int taken = line.receive();
        for (int i = 0; i < 100 && taken != length; i++) {
            taken = line.receive();
        }
        assertEquals(length, taken);
    }
}
