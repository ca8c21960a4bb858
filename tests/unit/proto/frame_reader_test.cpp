#include "common/frame_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "proto/codec.hpp"
#include "tests/unit/proto/largest_allocation.hpp"
#include "tests/unit/proto/random_values.hpp"

namespace hubbub {
namespace {

using Outcome = FrameReader::Outcome;
using Frames = std::vector<std::pair<int, std::string>>;

std::string frame(std::uint8_t type, std::string_view payload) {
  std::string bytes(proto::frame_header_bytes, '\0');
  proto::write_frame_header(bytes.data(), {type, static_cast<std::uint32_t>(payload.size())});
  return bytes.append(payload);
}

/// Feeds `stream` in pieces whose sizes `next_size` gives.
template <class NextSize>
Frames cut(std::string_view stream, NextSize next_size) {
  FrameReader reader(1 << 20);
  Frames frames;
  while (!stream.empty()) {
    const std::string piece(stream.substr(0, next_size()));  // a copy of its own: nothing may borrow beyond the call
    stream.remove_prefix(piece.size());
    EXPECT_EQ(reader.feed(piece,
                          [&](proto::Frame found) {
                            frames.emplace_back(found.type, found.payload);
                            return true;
                          }),
              Outcome::all_read);
  }
  EXPECT_EQ(reader.waiting_bytes(), 0u);
  return frames;
}

TEST(FrameReader, GivesTheSameFramesHoweverTheStreamIsCut) {
  proto::RandomValues random(1);
  for (int round = 0; round < 300; ++round) {
    Frames sent;
    std::string stream;
    for (auto left = random.below(12); left > 0; --left) {
      const auto size = random.below(5) == 0 ? 0 : random.below(60);
      sent.emplace_back(static_cast<int>(random.below(256)), random.bytes(size));
      stream += frame(static_cast<std::uint8_t>(sent.back().first), sent.back().second);
    }
    const auto most = 1 + random.below(40);
    EXPECT_EQ(cut(stream, [&] { return 1 + random.below(most); }), sent);
    EXPECT_EQ(cut(stream, [] { return 1; }), sent);
    EXPECT_EQ(cut(stream, [&] { return stream.size(); }), sent);
  }
}

TEST(FrameReader, GivesTheSameTwoFramesForEveryPairOfCuts) {
  const auto stream = frame(1, "abc") + frame(2, "") + frame(3, "defgh");
  const Frames sent = {{1, "abc"}, {2, ""}, {3, "defgh"}};
  for (std::size_t first = 1; first <= stream.size(); ++first)
    for (std::size_t second = 1; second <= stream.size(); ++second) {
      int call = 0;
      EXPECT_EQ(cut(stream, [&] { return call++ == 0 ? first : second; }), sent) << first << ' ' << second;
    }
}

TEST(FrameReader, HandsOutAWholeFrameWhereItLies) {
  FrameReader reader(100);
  const auto stream = frame(1, "abc");
  reader.feed(stream, [&](proto::Frame found) {
    EXPECT_EQ(found.payload.data(), stream.data() + proto::frame_header_bytes);
    return true;
  });
}

TEST(FrameReader, RefusesAFrameAsSoonAsItsHeaderIsThere) {
  const auto never = [](proto::Frame) { return ADD_FAILURE() << "no frame is due", false; };
  const auto header = frame(1, std::string(101, 'x')).substr(0, 4);
  FrameReader at_once(100);
  EXPECT_EQ(at_once.feed(header, never), Outcome::frame_too_large);
  FrameReader in_pieces(100);
  EXPECT_EQ(in_pieces.feed(header.substr(0, 3), never), Outcome::all_read);
  EXPECT_EQ(in_pieces.feed(header.substr(3), never), Outcome::frame_too_large);
}

TEST(FrameReader, GivesWhatCameBeforeAFrameThatIsTooLarge) {
  FrameReader reader(3);
  Frames frames;
  const auto keep = [&](proto::Frame found) { return frames.emplace_back(found.type, found.payload), true; };
  EXPECT_EQ(reader.feed(frame(1, "abc") + frame(2, "abcd"), keep), Outcome::frame_too_large);
  EXPECT_EQ(frames, (Frames{{1, "abc"}}));
}

TEST(FrameReader, TakesANewLimitFromTheNextFrameOn) {
  FrameReader reader(3);
  Frames frames;
  const auto grow = [&](proto::Frame found) {
    frames.emplace_back(found.type, found.payload);
    reader.set_payload_bytes_max(10);
    return true;
  };
  EXPECT_EQ(reader.feed(frame(1, "abc") + frame(2, "abcdefghij"), grow), Outcome::all_read);
  EXPECT_EQ(frames.size(), 2u);
}

TEST(FrameReader, StopsWhenToldTo) {
  int seen = 0;
  FrameReader whole(100);
  EXPECT_EQ(whole.feed(frame(1, "a") + frame(2, "b"), [&](proto::Frame) { return ++seen, false; }), Outcome::stopped);
  EXPECT_EQ(seen, 1);
  FrameReader split(100);
  const auto stream = frame(1, "a") + frame(2, "b");
  EXPECT_EQ(split.feed(stream.substr(0, 2), [&](proto::Frame) { return ++seen, false; }), Outcome::all_read);
  EXPECT_EQ(split.feed(stream.substr(2), [&](proto::Frame) { return ++seen, false; }), Outcome::stopped);
  EXPECT_EQ(seen, 2);
}

TEST(FrameReader, HoldsNothingBetweenFramesAndOnlyWhatCameWithinOne) {
  FrameReader reader(1 << 20);
  const auto ignore = [](proto::Frame) { return true; };
  const auto large = frame(1, std::string(1 << 20, 'x'));
  {
    LargestAllocation watch;
    reader.feed(large.substr(0, 4), ignore);
    for (std::size_t at = 4; at < 1004; ++at) reader.feed(large.substr(at, 1), ignore);
    EXPECT_EQ(reader.waiting_bytes(), 1004u);
    EXPECT_LE(watch.bytes(), 2 * 1004u + 64) << "a header that announces a megabyte is no megabyte";
  }
  reader.feed(std::string_view(large).substr(1004), ignore);
  EXPECT_EQ(reader.waiting_bytes(), 0u);
}

}  // namespace
}  // namespace hubbub
