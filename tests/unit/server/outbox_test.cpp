// What a session still has to be sent, and what that costs: against a model, over a real socket that takes little at a
// time.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>
#include <optional>
#include <random>

#include "server/fanout/outbox.hpp"
#include "tests/unit/server/slices.hpp"

namespace hubbub::server {
namespace {

/// A connected pair: the stream that the outbox writes to, and the end that a client reads.
class Pair {
 public:
  explicit Pair(int buffer_bytes = 0) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    if (buffer_bytes > 0) ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    client_ = ends[1];
    stream_.emplace(Stream::Socket(loop_, asio::generic::stream_protocol(AF_UNIX, 0), ends[0]));
  }
  ~Pair() { hang_up(); }
  Stream& stream() { return *stream_; }
  std::string read(std::size_t bytes_max) {
    std::string bytes(bytes_max, '\0');
    const auto got = ::recv(client_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  std::string read_all() {
    std::string all;
    for (auto more = read(65536); !more.empty(); more = read(65536)) all += more;
    return all;
  }
  void hang_up() {
    if (client_ >= 0) ::close(std::exchange(client_, -1));
  }

 private:
  asio::io_context loop_;
  int client_ = -1;
  std::optional<Stream> stream_;
};

constexpr RoomId room{1};
const auto keep_none = [](const Slice&) { return true; };

TEST(Outbox, WritesWhatWasPushedInOrder) {
  Pair pair;
  Outbox outbox;
  ChunkWriter chunk(1024);
  outbox.push(chunk.write(room, Seq{1}, "one "));
  outbox.push_own("own ");
  outbox.push(chunk.write(room, Seq{2}, "two"));
  EXPECT_EQ(outbox.write_to(pair.stream()).status, IoStatus::done);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(pair.read_all(), "one own two");
}

TEST(Outbox, PinsAChunkOnceHoweverManyOfItsMessagesWait) {
  Outbox outbox;
  ChunkWriter chunk(4096);
  for (std::uint64_t seq = 1; seq <= 20; ++seq) outbox.push(chunk.write(room, Seq{seq}, "message"));
  EXPECT_EQ(outbox.pinned_bytes(), 4096u);
  ChunkWriter other(512);
  outbox.push(other.write(room, Seq{21}, "message"));
  EXPECT_EQ(outbox.pinned_bytes(), 4096u + 512u);
}

TEST(Outbox, HoldsNothingOnceAllIsWritten) {
  Pair pair;
  Outbox outbox;
  ChunkWriter chunk(4096);
  outbox.push(chunk.write(room, Seq{1}, "message"));
  outbox.push_own("reply");
  outbox.write_to(pair.stream());
  EXPECT_EQ(outbox.pinned_bytes(), 0u);
  EXPECT_EQ(outbox.own_bytes(), 0u);
}

TEST(Outbox, CountsOnlyTheSessionsOwnFramesAsUnreadAnswers) {
  Outbox outbox;
  ChunkWriter chunk(4096);
  outbox.push(chunk.write(room, Seq{1}, std::string(1000, 'm')));
  outbox.push_own("12345");
  outbox.push_own("678");
  EXPECT_EQ(outbox.own_bytes(), 8u);
}

TEST(Outbox, DropsDeliveriesAndKeepsTheSessionsOwnFrames) {
  Pair pair;
  Outbox outbox;
  ChunkWriter chunk(4096);
  outbox.push(chunk.write(room, Seq{1}, "one"));
  outbox.push_own("own");
  outbox.push(chunk.write(room, Seq{2}, "two"));
  std::vector<std::uint64_t> dropped;
  outbox.drop_deliveries([&](const Slice& slice) {
    dropped.push_back(slice.first.value);
    return true;
  });
  EXPECT_EQ(dropped, from_to(1, 2));
  EXPECT_EQ(outbox.own_bytes(), 3u);
  outbox.write_to(pair.stream());
  EXPECT_EQ(pair.read_all(), "own");
}

TEST(Outbox, DropsOnlyWhatItIsToldTo) {
  Pair pair;
  Outbox outbox;
  ChunkWriter chunk(4096);
  outbox.push(chunk.write(room, Seq{1}, "one"));
  outbox.push(chunk.write(RoomId{2}, Seq{1}, "two"));
  outbox.push(chunk.write(room, Seq{2}, "three"));
  outbox.drop_deliveries([](const Slice& slice) { return slice.room == RoomId{2}; });
  outbox.write_to(pair.stream());
  EXPECT_EQ(pair.read_all(), "onethree");
}

TEST(Outbox, NeverTearsAFrameThatIsPartlyWritten) {
  Pair pair(4096);
  Outbox outbox;
  const auto large = frame_of(std::string(1 << 20, 'x'));
  ChunkWriter chunk((1 << 20) + 200);
  outbox.push(chunk.write(room, Seq{1}, large));
  outbox.push(chunk.write(room, Seq{2}, frame_of("in the same piece")));
  outbox.push(slice_of(room, Seq{3}, {"gone"}));
  ASSERT_EQ(outbox.write_to(pair.stream()).status, IoStatus::would_block);
  outbox.drop_deliveries(keep_none);
  outbox.push_own("end");
  std::string read;
  while (!outbox.empty()) {
    read += pair.read_all();
    outbox.write_to(pair.stream());
  }
  EXPECT_TRUE(read + pair.read_all() == large + "end");
}

TEST(Outbox, WhatALostClientHadOnlyPartOfCanBeGivenToAnother) {
  Pair pair(4096);
  Outbox outbox;
  ChunkWriter chunk(1 << 20);
  constexpr std::uint64_t count = 100;
  for (std::uint64_t seq = 1; seq <= count; ++seq)
    outbox.push(chunk.write(room, Seq{seq}, frame_of(std::string(5000, 'x'))));
  ASSERT_EQ(outbox.write_to(pair.stream()).status, IoStatus::would_block);
  const auto whole = pair.read_all().size() / (5000 + proto::frame_header_bytes);
  ASSERT_LT(whole, count);
  std::vector<std::uint64_t> dropped;
  outbox.take_back_begun();
  outbox.drop_deliveries([&](const Slice& slice) {
    for (auto seq = slice.first.value; seq <= slice.last.value; ++seq) dropped.push_back(seq);
    return true;
  });
  EXPECT_EQ(dropped, from_to(whole + 1, count));
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.pinned_bytes(), 0u);
}

TEST(Outbox, OwnFramesPartlyWrittenAreCountedRightAfterADrop) {
  Pair pair(4096);
  Outbox outbox;
  outbox.push_own(std::string(1 << 20, 'x'));
  ASSERT_EQ(outbox.write_to(pair.stream()).status, IoStatus::would_block);
  const auto left = outbox.own_bytes();
  ASSERT_LT(left, std::size_t{1} << 20);
  outbox.drop_deliveries(keep_none);
  EXPECT_EQ(outbox.own_bytes(), left);
  while (!outbox.empty()) {
    pair.read_all();
    outbox.write_to(pair.stream());
  }
  EXPECT_EQ(outbox.own_bytes(), 0u);
}

TEST(Outbox, SaysThatThePeerHasGone) {
  Pair pair;
  Outbox outbox;
  outbox.push_own("anybody there?");
  pair.hang_up();
  EXPECT_EQ(outbox.write_to(pair.stream()).status, IoStatus::closed);
}

TEST(Outbox, PushingNothingWritesNothing) {
  Pair pair;
  Outbox outbox;
  outbox.push_own("");
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.write_to(pair.stream()).status, IoStatus::done);
}

// ── against a model ──────────────────────────────────────────────────────────────────────────────────────────────────

/// The same queue as plainly as it can be said: every push stays an element of its own.
class Model {
 public:
  void push(const Slice& slice) { queue_.push_back(slice); }
  void push_own(const std::string& frames) {
    ChunkWriter chunk(static_cast<std::uint32_t>(frames.size()));
    queue_.push_back(chunk.write({}, {}, frames));
  }
  /// The frame that is under way stays.
  void drop(RoomId gone) {
    std::deque<Slice> kept;
    for (std::size_t at = 0; at < queue_.size(); ++at)
      if ((at == 0 && written_ > 0) || queue_[at].room != gone) kept.push_back(queue_[at]);
    queue_ = std::move(kept);
  }
  void written(std::size_t bytes) {
    written_ += bytes;
    while (!queue_.empty() && written_ >= queue_.front().bytes) {
      written_ -= queue_.front().bytes;
      queue_.pop_front();
    }
  }
  [[nodiscard]] std::size_t own_bytes() const {
    std::size_t bytes = 0;
    for (const auto& slice : queue_) bytes += slice.room.value == 0 ? slice.bytes : 0;
    if (!queue_.empty() && queue_.front().room.value == 0) bytes -= written_;
    return bytes;
  }
  /// Each run of deliveries from one chunk pins it.
  [[nodiscard]] std::size_t pinned_by_deliveries() const {
    std::size_t bytes = 0;
    ChunkRef before;
    for (const auto& slice : queue_) {
      if (slice.room.value != 0 && !(before == slice.chunk)) bytes += slice.chunk->capacity();
      before = slice.chunk;
    }
    return bytes;
  }
  [[nodiscard]] bool has_own() const {
    return std::ranges::any_of(queue_, [](const Slice& slice) { return slice.room.value == 0; });
  }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] std::string bytes() const {
    std::string all;
    for (const auto& slice : queue_) all += slice.view();
    return all.substr(written_);
  }

 private:
  std::deque<Slice> queue_;
  std::size_t written_ = 0;
};

/// One random life of an outbox.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {}
  void step() {
    switch (below(7)) {
      case 0: return push_own();
      case 1: return drop();
      case 2:
      case 3: return write();
      default: return push();
    }
  }
  void check() const {
    ASSERT_EQ(outbox_.empty(), model_.empty());
    ASSERT_EQ(outbox_.own_bytes(), model_.own_bytes());
    if (model_.has_own())
      ASSERT_GE(outbox_.pinned_bytes(), model_.pinned_by_deliveries() + model_.own_bytes());
    else
      ASSERT_EQ(outbox_.pinned_bytes(), model_.pinned_by_deliveries());
  }
  void finish() {
    while (!model_.empty()) write();
    EXPECT_TRUE(outbox_.empty());
    EXPECT_EQ(outbox_.pinned_bytes(), 0u);
    EXPECT_EQ(outbox_.own_bytes(), 0u);
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string some_bytes() {
    return frame_of(std::string(1 + below(below(8) == 0 ? 9000 : 200), static_cast<char>('a' + below(26))));
  }
  void push() {
    const auto bytes = some_bytes();
    auto& [chunk, seq] = rooms_[below(2)];
    if (!chunk || !chunk->fits(bytes.size()))
      chunk.emplace(static_cast<std::uint32_t>(1000 + below(20'000) + bytes.size()));
    const RoomId of{static_cast<std::uint32_t>(1 + (&seq == &rooms_[1].second))};
    const auto slice = chunk->write(of, seq, bytes);
    seq = seq.next();
    outbox_.push(slice);
    model_.push(slice);
  }
  void push_own() {
    const auto bytes = some_bytes();
    outbox_.push_own(bytes);
    model_.push_own(bytes);
  }
  void drop() {
    const RoomId gone{static_cast<std::uint32_t>(1 + below(2))};
    outbox_.drop_deliveries([&](const Slice& slice) { return slice.room == gone; });
    model_.drop(gone);
  }
  /// As much as the socket takes; all of that is read.
  void write() {
    outbox_.write_to(pair_.stream());
    const auto arrived = pair_.read_all();
    EXPECT_TRUE(model_.bytes().starts_with(arrived));
    model_.written(arrived.size());
  }

  std::mt19937 random_;
  Pair pair_{4096};
  Outbox outbox_;
  Model model_;
  std::array<std::pair<std::optional<ChunkWriter>, Seq>, 2> rooms_{{{{}, Seq{1}}, {{}, Seq{1}}}};
};

TEST(Outbox, AccountsForEverySequenceOfPushesWritesAndDropsAsTheModelDoes) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life(seed);
    for (int step = 0; step < 400; ++step) {
      life.step();
      life.check();
      if (testing::Test::HasFatalFailure()) return;
    }
    life.finish();
  }
}

}  // namespace
}  // namespace hubbub::server
