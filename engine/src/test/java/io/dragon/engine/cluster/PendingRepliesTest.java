package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.LinkPageEncoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerPageEncoder;
import io.dragon.codecs.control.WorkerState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Pages of workers, as many on each as a message has room for. */
final class PendingRepliesTest {
    private static final int WORKERS = 1;
    private static final int LINKS = 7;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long TIMEOUT_NS = 5 * SECOND_NS;
    private static final int STRINGS = 3 * Short.BYTES;

    private record Ask(long correlationId, int section, long afterId) {}

    /** What is told about each, and in the end. */
    private static final class Told implements ReplyListener {
        private final List<Long> ids = new ArrayList<>();
        private final List<Integer> pages = new ArrayList<>();
        private final List<Boolean> ends = new ArrayList<>();
        private RuntimeException failure;

        @Override
        public void onReply(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
            if (failure != null) {
                throw failure;
            }
            if (templateId == WorkerPageDecoder.TEMPLATE_ID) {
                final int before = ids.size();
                for (final WorkerPageDecoder.WorkersDecoder worker : new WorkerPageDecoder()
                        .wrapAndApplyHeader(buffer, offset, new MessageHeaderDecoder())
                        .workers()) {
                    ids.add(worker.partyId());
                    worker.skipName();
                    worker.skipDevice();
                    worker.skipDeviceText();
                }
                pages.add(ids.size() - before);
            }
        }

        @Override
        public void onEnd(final boolean complete) {
            ends.add(complete);
        }
    }

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4_096]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final WorkerPageEncoder page = new WorkerPageEncoder();
    private final List<Ask> asks = new ArrayList<>();
    private final Told told = new Told();
    private final TreeMap<Long, String> workers = new TreeMap<>();
    private boolean isLineFull;
    private long correlationId = 100;
    private long nowNs = -3 * SECOND_NS;
    private final PendingReplies replies = new PendingReplies(
            () -> correlationId++,
            () -> nowNs,
            (id, section, afterId) -> !isLineFull && asks.add(new Ask(id, section, afterId)),
            Runnable::run,
            TIMEOUT_NS);

    private void workers(final int count, final int textLength) {
        for (long id = 1; id <= count; id++) {
            workers.put(10 * id, "t".repeat(textLength));
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A page as the masters make it; its length. */
    private int page(final long askedBy, final long afterId) {
        int room = Party.MAX_LENGTH - ControlMessages.HEADER - WorkerPageEncoder.BLOCK_LENGTH - 2 * Short.BYTES;
        final List<Map.Entry<Long, String>> shown = new ArrayList<>();
        final var after = workers.tailMap(afterId, false);
        for (final Map.Entry<Long, String> each : after.entrySet()) {
            room -= WorkerPageEncoder.WorkersEncoder.sbeBlockLength()
                    + STRINGS
                    + "w".length()
                    + "cpu".length()
                    + each.getValue().length();
            if (room < 0) {
                break;
            }
            shown.add(each);
        }
        return page(askedBy, shown, shown.size() < after.size());
    }

    private int page(final long askedBy, final List<Map.Entry<Long, String>> shown, final boolean hasMore) {
        final WorkerPageEncoder.WorkersEncoder entries = page.wrapAndApplyHeader(buffer, 0, header)
                .correlationId(askedBy)
                .hasMore((short) (hasMore ? 1 : 0))
                .workersCount(shown.size());
        for (final Map.Entry<Long, String> each : shown) {
            entries.next().partyId(each.getKey()).state(WorkerState.ALIVE).deviceState(DeviceState.OK);
            final byte[] text = bytes(each.getValue());
            entries.putName(bytes("w"), 0, 1).putDevice(bytes("cpu"), 0, 3).putDeviceText(text, 0, text.length);
        }
        return ControlMessages.HEADER + page.encodedLength();
    }

    private Ask last() {
        return asks.get(asks.size() - 1);
    }

    private void answer(final Ask ask) {
        final int length = page(ask.correlationId, ask.afterId);
        replies.onReply(WorkerPageEncoder.TEMPLATE_ID, buffer, 0, length);
    }

    private void answerAll() {
        int answered = 0;
        while (told.ends.isEmpty() && answered < 100) {
            answer(last());
            answered++;
        }
    }

    private static List<Long> ids(final long... ids) {
        return LongStream.of(ids).boxed().toList();
    }

    private static List<Long> tens(final int count) {
        return IntStream.rangeClosed(1, count).mapToObj(each -> 10L * each).toList();
    }

    @Test
    void shouldAskForPageAfterPageWhereSixHaveRoomOnEach() {
        workers(20, 60);
        replies.query(WORKERS, 0, told);
        answerAll();
        assertEquals(tens(20), told.ids);
        assertEquals(List.of(6, 6, 6, 2), told.pages);
        assertEquals(List.of(true), told.ends);
        assertEquals(
                List.of(0L, 60L, 120L, 180L), asks.stream().map(Ask::afterId).toList());
        assertTrue(asks.stream().allMatch(ask -> ask.section == WORKERS));
        assertEquals(0, replies.poll(nowNs + TIMEOUT_NS), "nothing is left");
    }

    @Test
    void shouldAskForPageAfterPageWhereOneHasRoomOnEach() {
        workers(5, 1_000);
        replies.query(WORKERS, 10, told);
        answerAll();
        assertEquals(ids(20, 30, 40, 50), told.ids);
        assertEquals(List.of(1, 1, 1, 1), told.pages);
        assertEquals(List.of(true), told.ends);
    }

    @Test
    void shouldGoOnBehindTheLastOneThatWasToldWhoeverComesAndGoesBetweenPages() {
        workers(20, 60);
        replies.query(WORKERS, 0, told);
        answer(last());
        workers.remove(60L); // the last one told
        workers.remove(70L); // the next one
        workers.put(65L, "new");
        workers.put(15L, "came too late for its page");
        answer(last());
        workers.tailMap(125L).clear(); // all that would follow
        answerAll();
        assertEquals(ids(10, 20, 30, 40, 50, 60, 65, 80, 90, 100, 110, 120), told.ids);
        assertEquals(List.of(6, 6, 0), told.pages);
        assertEquals(List.of(true), told.ends);
    }

    /** An entry that has room on no page, before others: the same page would be asked for without end, or the rest never be missed. */
    @Test
    void shouldNotCallAnAnswerCompleteThatCannotGoOn() {
        workers(3, 60);
        workers.put(20L, "t".repeat(1_300));
        replies.query(WORKERS, 0, told);
        answer(last());
        assertEquals(ids(10), told.ids);
        answer(last());
        assertEquals(List.of(false), told.ends);
        assertEquals(2, asks.size());
        assertEquals(0, replies.poll(nowNs + TIMEOUT_NS));
    }

    @Test
    void shouldNotGoInACircle() {
        workers(3, 60);
        replies.query(WORKERS, 20, told);
        replies.onReply(
                WorkerPageEncoder.TEMPLATE_ID,
                buffer,
                0,
                page(last().correlationId, List.of(Map.entry(20L, "again")), true));
        assertEquals(List.of(false), told.ends);
    }

    @Test
    void shouldNotGoOnAfterAPageThatWasCut() {
        workers(20, 60);
        replies.query(WORKERS, 0, told);
        final int length = page(last().correlationId, 0);
        for (int cut = 1; cut <= 61; cut++) {
            told.ends.clear();
            replies.query(WORKERS, 0, told);
            assertEquals(length, page(last().correlationId, 0));
            replies.onReply(WorkerPageEncoder.TEMPLATE_ID, buffer, 0, length - cut);
            assertEquals(List.of(false), told.ends, "cut by " + cut);
        }
    }

    @Test
    void shouldTellTheEndWhereItsListenerFails() {
        workers(20, 60);
        told.failure = new IllegalStateException("the listener's own");
        replies.query(WORKERS, 0, told);
        assertThrows(IllegalStateException.class, () -> answer(last()));
        assertEquals(List.of(false), told.ends);
        told.ends.clear();
        final long reply = replies.expect(told);
        assertThrows(IllegalStateException.class, () -> answer(new Ask(reply, 0, 0)));
        assertEquals(List.of(false), told.ends);
    }

    @Test
    void shouldAskAgainForAPageThatIsLostAndTakeItOnce() {
        workers(8, 60);
        replies.query(WORKERS, 0, told);
        answer(last());
        final Ask second = last();
        assertEquals(60, second.afterId);
        nowNs += SECOND_NS;
        replies.poll(nowNs);
        assertEquals(3, asks.size());
        assertEquals(60, last().afterId);
        assertTrue(last().correlationId != second.correlationId);
        answer(last());
        answer(second); // it was only late
        answer(second);
        assertEquals(tens(8), told.ids);
        assertEquals(List.of(true), told.ends);
        nowNs += SECOND_NS;
        replies.poll(nowNs);
        assertEquals(3, asks.size());
    }

    @Test
    void shouldGiveUpWhatIsNotAnsweredInTimeOnce() {
        workers(8, 60);
        replies.query(WORKERS, 0, told);
        final int seconds = (int) (TIMEOUT_NS / SECOND_NS);
        for (int i = 0; i < seconds; i++) {
            assertEquals(List.of(), told.ends);
            nowNs += SECOND_NS;
            replies.poll(nowNs);
        }
        assertEquals(List.of(false), told.ends);
        assertEquals(seconds, asks.size(), "asked once a second");
        asks.forEach(this::answer);
        assertEquals(List.of(), told.ids);
        assertEquals(List.of(false), told.ends);
        assertEquals(0, replies.poll(nowNs + TIMEOUT_NS));
    }

    @Test
    void shouldAskWhenTheLineTakesItAgainAndEndWithIt() {
        workers(3, 60);
        isLineFull = true;
        replies.query(WORKERS, 0, told);
        replies.poll(nowNs);
        assertEquals(0, asks.size());
        isLineFull = false;
        replies.poll(nowNs);
        assertEquals(1, asks.size());
        replies.poll(nowNs);
        assertEquals(1, asks.size());
        replies.close();
        replies.close();
        assertEquals(List.of(false), told.ends);
        answer(last());
        assertEquals(List.of(), told.ids);
    }

    @Test
    void shouldTellLinksByHowManyTheyAre() {
        replies.query(LINKS, 0, told);
        links(24, true);
        assertEquals(24, last().afterId);
        links(24, true);
        assertEquals(48, last().afterId);
        links(1, false);
        assertEquals(List.of(true), told.ends);
        replies.query(LINKS, 0, told);
        links(0, true);
        assertEquals(List.of(true, false), told.ends);
        assertEquals(4, asks.size());
    }

    private void links(final int count, final boolean hasMore) {
        final LinkPageEncoder links = new LinkPageEncoder();
        final LinkPageEncoder.LinksEncoder group = links.wrapAndApplyHeader(buffer, 0, header)
                .correlationId(last().correlationId)
                .hasMore((short) (hasMore ? 1 : 0))
                .linksCount(count);
        for (int i = 0; i < count; i++) {
            group.next();
        }
        replies.onReply(LinkPageEncoder.TEMPLATE_ID, buffer, 0, ControlMessages.HEADER + links.encodedLength());
    }
}
