#include "client/agent/local_producers.hpp"

#include <gtest/gtest.h>

#include "common/random.hpp"

namespace hubbub::agent {
namespace {

using Verdict = LocalStream::Verdict;

TEST(LocalStream, TakesEachIdOnceAndInOrder) {
  LocalStream stream;
  EXPECT_EQ(stream.look_at(PublishId{1}), Verdict::next);
  stream.accepted(PublishId{1});
  EXPECT_EQ(stream.look_at(PublishId{1}), Verdict::again);
  EXPECT_EQ(stream.look_at(PublishId{2}), Verdict::next);
}

TEST(LocalStream, RefusesABurstBehindAGapOnce) {
  LocalStream stream;
  EXPECT_EQ(stream.look_at(PublishId{1}), Verdict::next);
  stream.accepted(PublishId{1});
  EXPECT_EQ(stream.look_at(PublishId{3}), Verdict::gap);
  EXPECT_EQ(stream.look_at(PublishId{4}), Verdict::ignored);
  EXPECT_EQ(stream.look_at(PublishId{2}), Verdict::next);
  stream.accepted(PublishId{2});
  EXPECT_EQ(stream.look_at(PublishId{5}), Verdict::gap);
}

TEST(LocalStream, GoesOnWhereAClientOfAnEarlierAgentDoes) {
  LocalStream stream;
  EXPECT_EQ(stream.look_at(PublishId{17}), Verdict::next);
  stream.accepted(PublishId{17});
  EXPECT_EQ(stream.look_at(PublishId{16}), Verdict::again);
  EXPECT_EQ(stream.look_at(PublishId{19}), Verdict::gap);
}

TEST(LocalStream, WhoseFirstWasRefusedTakesNothingBehindIt) {
  LocalStream stream;
  EXPECT_EQ(stream.look_at(PublishId{5}), Verdict::next);
  stream.refusing = true;
  EXPECT_EQ(stream.look_at(PublishId{6}), Verdict::ignored);
  EXPECT_EQ(stream.look_at(PublishId{5}), Verdict::next);
}

ClientId a_client() { return random128<ClientIdTag>(); }

TEST(LocalProducers, RememberAClientThatComesBack) {
  LocalProducers producers;
  const auto client = a_client();
  producers.streams_of(client)->rooms[RoomId{1}].accepted(PublishId{5});
  EXPECT_EQ(producers.streams_of(client)->rooms[RoomId{1}].last, PublishId{5});
}

TEST(LocalProducers, ForgetWhoHasBeenGoneLongestAndNobodyWhoIsThere) {
  LocalProducers producers;
  const auto here = a_client(), gone = a_client();
  const auto held = producers.streams_of(here);
  held->rooms[RoomId{1}].accepted(PublishId{1});
  producers.streams_of(gone)->rooms[RoomId{1}].accepted(PublishId{1});
  for (std::size_t i = 0; i <= LocalProducers::remembered_max; ++i) producers.streams_of(a_client());
  EXPECT_EQ(producers.streams_of(here)->rooms[RoomId{1}].last, PublishId{1});
  EXPECT_TRUE(producers.streams_of(gone)->rooms.empty());
}

}  // namespace
}  // namespace hubbub::agent
