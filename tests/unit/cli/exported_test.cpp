#include "client/cli/exported.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/json/message_json.hpp"

namespace hubbub::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

link::Message said(std::string body) {
  link::Message message;
  message.room = RoomName::literal("ops");
  message.seq = Seq{7};
  message.time = WallTime{1'700'000'000'000'000'000};
  message.from = PersonName::literal("alice");
  message.kind = proto::Kind::notice;
  message.headers.list.push_back({"host", "web1"});
  message.body = std::move(body);
  return message;
}

std::string line_of(const link::Message& message) {
  std::string line;
  json::append_json(message, line);
  return line;
}

Result<link::Outgoing> parse_exported(std::string_view line) { return ExportedLines().parse(line); }

std::string refusal(std::string_view line) {
  const auto parsed = parse_exported(line);
  return parsed ? "taken" : parsed.error().sentence;
}

TEST(Exported, IsWhatWasSaidWithItsOriginInHeaders) {
  const auto message = parse_exported(line_of(said("disk \"full\"\n")));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body, "disk \"full\"\n");
  EXPECT_EQ(message->kind, proto::Kind::notice);
  EXPECT_THAT(message->headers.list, ElementsAre(proto::Header{"host", "web1"}, proto::Header{"original-from", "alice"},
                                                 proto::Header{"original-time", "2023-11-14T22:13:20.000000000Z"},
                                                 proto::Header{"original-seq", "7"}));
}

TEST(Exported, KeepsBytes) {
  auto bytes = said(std::string("\xff\x00\x01", 3));
  bytes.kind = proto::Kind::data;
  EXPECT_EQ(parse_exported(line_of(bytes))->body, bytes.body);
}

TEST(Exported, KeepsWhatIsToBeRetainedAndHeadersOfOneName) {
  auto message = said("x");
  message.retain = true;
  message.headers.list = {{"to", "a"}, {"cc", "b"}, {"to", "c"}};
  const auto line = line_of(message);
  EXPECT_THAT(line, HasSubstr(R"("retain":true)"));
  EXPECT_THAT(line, HasSubstr(R"("headers":{"to":["a","c"],"cc":"b"})"));
  const auto parsed = parse_exported(line);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->retain);
  EXPECT_THAT(std::vector(parsed->headers.list.begin(), parsed->headers.list.begin() + 3),
              ElementsAre(proto::Header{"to", "a"}, proto::Header{"to", "c"}, proto::Header{"cc", "b"}));
  EXPECT_FALSE(parse_exported(line_of(said("x")))->retain);
}

TEST(Exported, KeepsItsOwnHeadersWhereItsOriginFindsNoRoom) {
  auto message = said("x");
  for (std::size_t i = 1; i < limits::headers_max; ++i) message.headers.list.push_back({"h" + std::to_string(i), "x"});
  const auto parsed = parse_exported(line_of(message));
  ASSERT_TRUE(parsed) << parsed.error().sentence;
  EXPECT_EQ(parsed->headers, message.headers);
}

TEST(Exported, KeepsTheFirstOriginOfWhatIsImportedAgain) {
  auto once = said("x");
  const auto imported = parse_exported(line_of(once));
  once.headers = imported->headers;
  once.seq = Seq{99};
  EXPECT_EQ(parse_exported(line_of(once))->headers, imported->headers);
}

TEST(Exported, SaysWhatIsWrongWithALine) {
  EXPECT_THAT(refusal("rubbish"), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal(R"({"text":"x"})"), HasSubstr("no seq"));
  EXPECT_THAT(refusal(R"({"seq":1,"text":"x"})"), HasSubstr("kind"));
  EXPECT_THAT(refusal(R"({"seq":1,"kind":"text"})"), HasSubstr("none of text"));
  EXPECT_THAT(refusal(R"({"seq":1,"kind":"data","base64":"!"})"), HasSubstr("base64"));
  EXPECT_THAT(refusal(R"({"seq":1,"kind":"text","text":"x","headers":{"a":1}})"), HasSubstr("header a"));
  EXPECT_THAT(refusal(R"({"seq":1,"kind":"text","text":"x","headers":{"A b":"1"}})"), testing::Not("taken"));
}

TEST(Exported, AnErasedMessageKeepsItsPlaceWithoutAText) {
  auto message = said("   ");
  message.erased = true;
  message.headers = {};
  const auto line = line_of(message);
  EXPECT_THAT(line, HasSubstr(R"("erased":true)"));
  EXPECT_THAT(line, HasSubstr(R"("text":"")"));
  const auto parsed = parse_exported(line);
  ASSERT_TRUE(parsed) << parsed.error().sentence;
  EXPECT_EQ(parsed->body, "");
}

TEST(Exported, WhatTheHubAloneSaysMeansNothing) {
  auto message = said("spam");
  message.headers.list = {{"redacts", "3"}};
  message.by_hub = true;
  EXPECT_THAT(line_of(message), HasSubstr(R"("by_hub":true)"));
  EXPECT_EQ(parse_exported(line_of(message))->headers.list.front(), (proto::Header{"original-redacts", "3"}));
}

class ImportedAmendments : public testing::Test {
 protected:
  /// The first header of what that line becomes.
  std::string take(std::uint64_t seq, const std::string& from, proto::Headers headers = {}, bool verified = false) {
    auto message = said("x");
    message.seq = Seq{seq};
    message.from = PersonName::literal(from);
    message.verified = verified;
    message.headers = std::move(headers);
    const auto parsed = lines_.parse(line_of(message));
    return parsed->headers.list.front().key + ": " + parsed->headers.list.front().value;
  }
  ExportedLines lines_;
};

TEST_F(ImportedAmendments, NameTheSameMessagesInAnEmptyRoom) {
  take(1, "alice");
  EXPECT_EQ(take(2, "alice", {{{"edits", "1"}}}), "edits: 1");
  EXPECT_EQ(take(3, "bob", {{{"reacts", "1"}, {"undo", "1"}}}), "reacts: 1");
  EXPECT_EQ(take(4, "bob", {{{"pins", "2"}}}), "pins: 2");
}

TEST_F(ImportedAmendments, MeanNothingWhereTheNumbersAreOthers) {
  take(1, "alice");
  take(3, "alice");
  EXPECT_EQ(take(4, "alice", {{{"edits", "3"}}}), "original-edits: 3");
  EXPECT_EQ(take(5, "bob", {{{"pins", "2"}}}), "original-pins: 2");
  EXPECT_EQ(take(6, "bob", {{{"undo", "1"}, {"reacts", "4"}}}), "original-undo: 1");
  EXPECT_EQ(take(7, "bob", {{{"reacts", "1"}}}), "reacts: 1") << "before the first that is missing they are the same";
  lines_ = {};
  take(40, "alice");
  EXPECT_EQ(take(41, "alice", {{{"edits", "40"}}}), "original-edits: 40");
  EXPECT_EQ(take(42, "alice", {{{"edits", "1"}}}), "original-edits: 1");
}

TEST_F(ImportedAmendments, AnEditOfWhatSomebodyElseSaidMeansNothing) {
  take(1, "alice");
  EXPECT_EQ(take(2, "bob", {{{"edits", "1"}}}), "original-edits: 1");
  EXPECT_EQ(take(3, "alice", {{{"edits", "1"}}}, true), "original-edits: 1") << "of that name, but known to the hub";
}

}  // namespace
}  // namespace hubbub::cli
