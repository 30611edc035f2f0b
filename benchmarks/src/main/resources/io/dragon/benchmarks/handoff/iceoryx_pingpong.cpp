// Round trips over iceoryx between two processes, of four sizes by turns, each at its intended moment. Both ends spin.
//   iceoryx-pingpong pong NAME
//   iceoryx-pingpong ping NAME INTERVAL_NS COUNT FILE     a line "SIZE_INDEX SENT ANSWERED" for each
// round trip, in nanoseconds from its intended moment
#include "iceoryx_hoofs/log/logmanager.hpp"
#include "iceoryx_posh/mepoo/chunk_header.hpp"
#include "iceoryx_posh/popo/untyped_publisher.hpp"
#include "iceoryx_posh/popo/untyped_subscriber.hpp"
#include "iceoryx_posh/runtime/posh_runtime.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {
const uint32_t sizes[] = {64, 1000000, 33000000, 100000000};
const uint64_t size_count = 4;
std::atomic<bool> ended{false};

int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void fail(const char* what) {
    std::fprintf(stderr, "iceoryx-pingpong: %s\n", what);
    std::_Exit(1);
}

void* ahead = nullptr;
uint32_t ahead_size = 0;

void loan(iox::popo::UntypedPublisher& publisher, uint32_t size) {
    publisher.loan(size)
        .and_then([&](auto& payload) {
            ahead = payload;
            ahead_size = size;
        })
        .or_else([](auto&) { fail("no chunk was left"); });
}

// The chunk of the next message is loaned ahead, when this one is out: sizes go by turns.
void loan_next(iox::popo::UntypedPublisher& publisher, uint32_t size) {
    uint64_t i = 0;
    while (sizes[i] != size) {
        i++;
    }
    loan(publisher, sizes[(i + 1) % size_count]);
}

void send(iox::popo::UntypedPublisher& publisher, uint64_t number, uint32_t size) {
    if (ahead == nullptr || ahead_size != size) {
        if (ahead != nullptr) {
            publisher.release(ahead);
        }
        loan(publisher, size);
    }
    char* bytes = static_cast<char*>(ahead);
    std::memcpy(bytes, &number, sizeof number);
    std::memcpy(bytes + size - sizeof number, &number, sizeof number);
    publisher.publish(ahead);
    ahead = nullptr;
    loan_next(publisher, size);
}

// The number and the size of the message that was taken; false when there was none. A question is answered before its chunk is
// given back: nobody waits for that.
bool take(iox::popo::UntypedSubscriber& subscriber, uint64_t& number, uint32_t& size,
          iox::popo::UntypedPublisher* answers = nullptr) {
    bool taken = false;
    subscriber.take().and_then([&](const void* payload) {
        const char* bytes = static_cast<const char*>(payload);
        size = iox::mepoo::ChunkHeader::fromUserPayload(payload)->userPayloadSize();
        uint64_t tail = 0;
        std::memcpy(&number, bytes, sizeof number);
        std::memcpy(&tail, bytes + size - sizeof tail, sizeof tail);
        if (tail != number) {
            fail("a message's end is another message's");
        }
        if (answers != nullptr) {
            send(*answers, number, size);
        }
        subscriber.release(payload);
        taken = true;
    });
    return taken;
}
} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fail("ping or pong, and a name");
    }
    const bool asks = std::string(argv[1]) == "ping";
    iox::log::LogManager::GetLogManager().SetDefaultLogLevel(iox::log::LogLevel::kWarn,
                                                             iox::log::LogLevelOutput::kHideLogLevel);
    iox::runtime::PoshRuntime::initRuntime(
        iox::RuntimeName_t(iox::cxx::TruncateToCapacity, std::string("dragon-") + argv[2]));
    iox::popo::PublisherOptions publisher_options;
    publisher_options.historyCapacity = 0;
    iox::popo::SubscriberOptions subscriber_options;
    subscriber_options.queueCapacity = 4;
    subscriber_options.historyRequest = 0;
    iox::popo::UntypedPublisher publisher({"dragon", "bench", asks ? "ping" : "pong"}, publisher_options);
    iox::popo::UntypedSubscriber subscriber({"dragon", "bench", asks ? "pong" : "ping"}, subscriber_options);

    // whoever has started this ends it by closing its input
    std::thread([] {
        while (std::getchar() != EOF) {
        }
        ended = true;
    }).detach();

    uint64_t number = 0;
    uint32_t size = 0;
    if (!asks) {
        std::puts("ready");
        std::fflush(stdout);
        for (uint32_t i = 0; (++i & 0xffff) != 0 || !ended; ) {
            take(subscriber, number, size, &publisher);
        }
        return 0;
    }
    while (!publisher.hasSubscribers() || subscriber.getSubscriptionState() != iox::SubscribeState::SUBSCRIBED) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const int64_t interval_ns = std::atoll(argv[3]);
    const uint64_t count = std::strtoull(argv[4], nullptr, 10);
    std::vector<int64_t> sent;
    std::vector<int64_t> answered;
    sent.reserve(count);
    answered.reserve(count);
    const int64_t start_ns = now_ns();
    for (uint64_t i = 0; i < count; i++) {
        const int64_t intended_ns = start_ns + static_cast<int64_t>(i) * interval_ns;
        int64_t sent_ns = now_ns();
        while (sent_ns < intended_ns) {
            sent_ns = now_ns();
        }
        const uint32_t asked = sizes[i % size_count];
        send(publisher, i + 1, asked);
        while (!take(subscriber, number, size)) {
            if (ended) {
                return 1;
            }
        }
        answered.push_back(now_ns() - intended_ns);
        sent.push_back(sent_ns - intended_ns);
        if (number != i + 1 || size != asked) {
            fail("another message was answered");
        }
    }
    FILE* file = std::fopen(argv[5], "w");
    if (file == nullptr) {
        fail("the values cannot be written");
    }
    for (uint64_t i = 0; i < count; i++) {
        std::fprintf(file, "%d %lld %lld\n", static_cast<int>(i % size_count), static_cast<long long>(sent[i]),
                     static_cast<long long>(answered[i]));
    }
    std::fclose(file);
    std::puts("done");
    std::fflush(stdout);
    return 0;
}
