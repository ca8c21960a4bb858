// A slice can be cut at its messages, and two that touch are one.
#include <gtest/gtest.h>

#include "tests/unit/server/slices.hpp"

namespace hubbub::server {
namespace {

constexpr RoomId room{7};

Slice ten() { return slice_of(room, Seq{11}, std::vector<std::string>(10, "hello")); }

TEST(Slice, APartHoldsExactlyTheMessagesAskedFor) {
  const auto part = ten().part(Seq{13}, Seq{15}, SIZE_MAX);
  EXPECT_EQ(seqs_in(part), from_to(13, 15));
  EXPECT_EQ(part.first, Seq{13});
  EXPECT_EQ(part.last, Seq{15});
  EXPECT_EQ(part.room, room);
  EXPECT_EQ(part.messages(), 3u);
}

TEST(Slice, APartSharesTheChunkInsteadOfCopying) {
  const auto whole = ten();
  const auto part = whole.part(Seq{12}, Seq{20}, SIZE_MAX);
  EXPECT_TRUE(part.chunk == whole.chunk);
  EXPECT_GT(part.view().data(), whole.view().data());
}

TEST(Slice, APartEndsWhereTheSliceDoes) {
  EXPECT_EQ(seqs_in(ten().part(Seq{19}, Seq{UINT64_MAX}, SIZE_MAX)), from_to(19, 20));
  EXPECT_EQ(seqs_in(ten().part(Seq{11}, Seq{20}, SIZE_MAX)), from_to(11, 20));
}

TEST(Slice, APartOfFewBytesHoldsAtLeastOneMessage) {
  EXPECT_EQ(seqs_in(ten().part(Seq{14}, Seq{20}, 1)), from_to(14, 14));
}

TEST(Slice, APartStopsOnceItHasTheBytesAskedFor) {
  const auto frame = ten().part(Seq{11}, Seq{11}, SIZE_MAX).bytes;
  EXPECT_EQ(seqs_in(ten().part(Seq{11}, Seq{20}, 3 * frame)), from_to(11, 13));
  EXPECT_EQ(seqs_in(ten().part(Seq{11}, Seq{20}, 3 * frame - 1)), from_to(11, 13));
  EXPECT_EQ(seqs_in(ten().part(Seq{11}, Seq{20}, 3 * frame + 1)), from_to(11, 14));
}

TEST(Slice, MessagesOfAnySizeAreFound) {
  const auto slice = slice_of(room, Seq{1}, {"", std::string(70'000, 'x'), "y", std::string(300, 'z'), ""});
  for (std::uint64_t from = 1; from <= 5; ++from)
    for (auto until = from; until <= 5; ++until)
      EXPECT_EQ(seqs_in(slice.part(Seq{from}, Seq{until}, SIZE_MAX)), from_to(from, until));
}

TEST(Slice, ContinuesOnlyWithItsNextMessageInTheSameChunk) {
  ChunkWriter chunk(1024), other(1024);
  const auto one = chunk.write(room, Seq{1}, "frame");
  const auto two = chunk.write(room, Seq{2}, "frame");
  const auto three = chunk.write(room, Seq{3}, "frame");
  EXPECT_TRUE(one.continues_with(two));
  EXPECT_FALSE(one.continues_with(three));
  EXPECT_FALSE(two.continues_with(one));
  other.write(room, Seq{1}, "frame");
  EXPECT_FALSE(one.continues_with(other.write(room, Seq{2}, "frame")));

  auto both = one;
  both.extend_by(two);
  EXPECT_EQ(both.view(), "frameframe");
  EXPECT_EQ(both.last, Seq{2});
  EXPECT_TRUE(both.continues_with(three));
}

TEST(Slice, AMessageThatSkipsASeqOrChangesRoomDoesNotContinue) {
  ChunkWriter chunk(1024);
  const auto one = chunk.write(room, Seq{1}, "frame");
  auto skipped = chunk.write(room, Seq{3}, "frame");
  EXPECT_FALSE(one.continues_with(skipped));
  skipped.first = Seq{2};
  EXPECT_TRUE(one.continues_with(skipped));
  skipped.room = RoomId{8};
  EXPECT_FALSE(one.continues_with(skipped));
}

TEST(ChunkRef, KeepsTheBytesUntilTheLastReferenceGoes) {
  std::string copy;
  Slice kept;
  {
    ChunkWriter chunk(64);
    kept = chunk.write(room, Seq{1}, "still here");
  }
  const auto second = kept;
  kept = {};
  EXPECT_EQ(second.view(), "still here");
}

}  // namespace
}  // namespace hubbub::server
