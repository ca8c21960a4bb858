#include "client/cli/complete.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(const std::vector<std::string>& line) {
  std::vector<std::string> list;
  for (const auto& candidate : complete(line).candidates) list.push_back(candidate.word);
  return list;
}

TEST(Complete, OffersCommands) {
  EXPECT_THAT(words({"p"}), ElementsAre("pub", "part", "pin", "pins", "ping", "poke"));
  EXPECT_THAT(words({""}), Contains("completion"));
  EXPECT_THAT(words({"--name", "alice", "su"}), ElementsAre("sub"));
}

TEST(Complete, OffersTheOptionsOfTheCommandAndTheGlobalOnes) {
  EXPECT_THAT(words({"pub", "--no"}), ElementsAre("--no-ack", "--no-queue", "--no-agent", "--no-color"));
  EXPECT_THAT(words({"sub", "--until"}), ElementsAre("--until-idle"));
  EXPECT_THAT(words({"pub", "--until"}), IsEmpty());
}

TEST(Complete, OffersTheValuesOfAnOption) {
  EXPECT_THAT(words({"pub", "--kind", ""}), ElementsAre("text", "action", "notice", "data"));
  EXPECT_THAT(words({"pub", "--kind", "n"}), ElementsAre("notice"));
  EXPECT_THAT(words({"pub", "--kind=n"}), ElementsAre("--kind=notice"));
}

TEST(Complete, UnderstandsWhatBashMakesOfAnEqualsSign) {
  EXPECT_THAT(words({"pub", "--kind", "=", "n"}), ElementsAre("--kind=notice"));
}

TEST(Complete, AsksForRoomsPeopleAndFilesWhereTheyGo) {
  EXPECT_EQ(complete({"pub", ""}).ask, Hint::room);
  EXPECT_EQ(complete({"pub", "-v", "lobby", "-f", ""}).ask, Hint::file);
  EXPECT_EQ(complete({"sub", "a", "b", ""}).ask, Hint::room);
  EXPECT_EQ(complete({"say", "lobby", ""}).ask, Hint::none);
  EXPECT_EQ(complete({"--name", ""}).ask, Hint::person);
}

TEST(Complete, KnowsWhichHubToAsk) {
  EXPECT_EQ(complete({"--hub", "/run/hub", "pub", ""}).hub, "/run/hub");
  EXPECT_EQ(complete({"pub", "--hub=/run/hub", ""}).hub, "/run/hub");
}

TEST(Complete, OffersMethodsAndTheirArguments) {
  EXPECT_THAT(words({"call", "room.se"}), ElementsAre("room.set_topic", "room.search"));
  EXPECT_THAT(words({"call", "room.history", ""}), ElementsAre("room=", "before=", "limit="));
  EXPECT_THAT(words({"call", "room.post", "kind=d"}), ElementsAre("kind=data"));
}

TEST(Complete, OffersMechanismsAsManyAsOneLikes) {
  EXPECT_THAT(words({"ipc", "pipe", "f"}), ElementsAre("fifo", "futex"));
}

TEST(Complete, OffersCommandsToHelp) { EXPECT_THAT(words({"help", "hi"}), ElementsAre("history")); }

TEST(Complete, OffersNoOptionsAfterTwoDashes) { EXPECT_THAT(words({"say", "lobby", "--", "--"}), IsEmpty()); }

TEST(Complete, AsksForAProgramBehindTwoDashesAndThenForFiles) {
  EXPECT_EQ(complete({"run", ""}).ask, Hint::room);
  EXPECT_EQ(complete({"run", "ops", ""}).ask, Hint::none) << "the command goes behind --";
  EXPECT_EQ(complete({"run", "--", ""}).ask, Hint::program);
  EXPECT_EQ(complete({"run", "ops", "--", "ma"}).ask, Hint::program);
  EXPECT_EQ(complete({"run", "ops", "--", "make", "-"}).ask, Hint::file);
}

}  // namespace
}  // namespace hubbub::cli
