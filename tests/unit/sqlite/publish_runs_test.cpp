// The columns of producers: what is written is read, and anything else is refused.
#include "server/log/sqlite/publish_runs.hpp"

#include <gtest/gtest.h>

#include <random>

namespace hubbub::server::sqlite {
namespace {

PublishRun run(std::uint8_t client, std::uint64_t first, std::uint64_t at, std::size_t count) {
  PublishRun made{ClientId{{client}}, 3, PublishId{first}, Seq{at}, {}};
  for (std::size_t i = 0; i < count; ++i) made.hashes.push_back(UINT64_MAX - i);
  return made;
}

std::string column_of(const std::vector<PublishRun>& runs) {
  std::string column;
  append_runs(column, runs);
  return column;
}

TEST(PublishRuns, AreReadAsWritten) {
  const std::vector<PublishRun> runs = {run(1, 1, 1, 1), run(2, 1'000'000'000'000, 77, 300), run(1, 2, 377, 2),
                                        run(3, UINT64_MAX, UINT64_MAX, 1)};
  EXPECT_EQ(decode_runs(column_of(runs)), runs);
  EXPECT_EQ(decode_runs(""), std::vector<PublishRun>{});
}

TEST(PublishRuns, OfTwoColumnsPutTogetherAreThoseOfBoth) {
  EXPECT_EQ(decode_runs(column_of({run(1, 1, 1, 2)}) + column_of({run(2, 5, 3, 1)})),
            (std::vector{run(1, 1, 1, 2), run(2, 5, 3, 1)}));
}

TEST(PublishRuns, OfAColumnThatWasCutAreRefused) {
  const auto column = column_of({run(1, 1, 1, 2)});
  for (std::size_t bytes = 1; bytes < column.size(); ++bytes)
    EXPECT_FALSE(decode_runs(column.substr(0, bytes))) << bytes;
}

TEST(PublishRuns, DoNotAskForMemoryThatTheirBytesDoNotJustify) {
  std::string column(16, 'c');
  column += "\x01\x01\x01";
  column += "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  EXPECT_FALSE(decode_runs(column));
}

TEST(PublishRuns, TheRecentOnesOfAProducerAreReadAsWritten) {
  const std::vector<KeptProducer::Taken> recent = {{Seq{5}, 1}, {Seq{6}, UINT64_MAX}, {Seq{1'000'000'007}, 0}};
  EXPECT_EQ(decode_recent(encode_recent(recent)), recent);
  EXPECT_EQ(decode_recent(""), std::vector<KeptProducer::Taken>{});
  const auto column = encode_recent(recent);
  EXPECT_FALSE(decode_recent(column.substr(0, column.size() - 1)));
}

TEST(PublishRuns, AnyBytesGiveRunsOrNothing) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % 8 == 0 ? random() : random() % 4);
    (void)decode_runs(bytes);
    (void)decode_recent(bytes);
  }
}

}  // namespace
}  // namespace hubbub::server::sqlite
