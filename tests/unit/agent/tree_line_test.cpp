#include "client/agent/tree_line.hpp"

#include <gtest/gtest.h>

#include "proto/text.hpp"

namespace hubbub::agent {
namespace {

link::Message said(std::string body) {
  link::Message message;
  message.room = RoomName::literal("ops");
  message.seq = Seq{42};
  message.time = WallTime{1'700'000'000'123'000'000};
  message.from = PersonName::literal("alice");
  message.body = std::move(body);
  return message;
}

constexpr std::string_view head = "42 2023-11-14T22:13:20.123Z ~alice ";

TEST(TreeLine, HasSeqTimeNameAndBody) {
  auto message = said("hello there");
  EXPECT_EQ(tree_line(message, 4096).text, std::string(head) + "hello there\n");
  message.verified = true;
  EXPECT_EQ(tree_line(message, 4096).text, "42 2023-11-14T22:13:20.123Z alice hello there\n");
}

TEST(TreeLine, OfAnErasedMessageSaysSo) {
  auto message = said("          ");
  message.erased = true;
  EXPECT_EQ(tree_line(message, 4096).text, std::string(head) + "(erased)\n");
}

TEST(TreeLine, IsOneLineThatMovesNoTerminal) {
  const auto line = tree_line(said("a\nb\x1b[2J\xff\xe2\x80\xae"), 4096);
  EXPECT_EQ(line.text, std::string(head) + "a\\nb\\x1b[2J\xef\xbf\xbd\\u202e\n");
  EXPECT_TRUE(line.is_whole);
}

TEST(TreeLine, IsCutAtItsLimitAndSaysWhatIsMissing) {
  const std::size_t fits = 300 - head.size() - 1;
  EXPECT_TRUE(tree_line(said(std::string(fits, 'x')), 300).is_whole);
  const auto line = tree_line(said(std::string(fits + 1, 'x')), 300);
  EXPECT_FALSE(line.is_whole);
  EXPECT_EQ(line.text.size(), 300u);
  EXPECT_TRUE(line.text.ends_with("x… (265 bytes)\n")) << line.text;
}

TEST(TreeLine, IsCutBetweenCharactersAndAlsoWhereEscapesMakeItLong) {
  std::string umlauts;
  for (int i = 0; i < 500; ++i) umlauts += "ü";
  for (std::size_t limit = 300; limit < 304; ++limit) {
    const auto line = tree_line(said(umlauts), limit);
    EXPECT_TRUE(is_utf8(line.text)) << line.text;
    EXPECT_EQ(line.text.find("\xef\xbf\xbd"), std::string::npos);
    EXPECT_LE(line.text.size(), limit);
  }
  const auto escapes = tree_line(said(std::string(200, '\x1b')), 300);
  EXPECT_FALSE(escapes.is_whole);
  EXPECT_LE(escapes.text.size(), 300u);
}

TEST(TreeMembers, AreOneALineWithNameAndPresence) {
  proto::Person alice;
  alice.name = PersonName::literal("alice");
  alice.verified = true;
  alice.presence = proto::Presence::online;
  proto::Person bob;
  bob.name = PersonName::literal("bob");
  bob.presence = proto::Presence::away;
  bob.away = AwayText::literal("at\nlunch");
  const std::vector people{alice, bob};
  EXPECT_EQ(tree_members(people), "alice online\n~bob away at\\nlunch\n");
}

}  // namespace
}  // namespace hubbub::agent
