#include "client/cli/amended.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "client/json/message_json.hpp"
#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

link::Message an_edit(std::string body) {
  auto message = a_message(std::move(body));
  message.kind = proto::Kind::notice;
  message.headers.list = {{"edits", "3"}};
  message.marked = true;
  return message;
}

link::By by(const char* name, std::uint64_t seq) { return {PersonName::literal(name), seq % 2 == 0, Seq{seq}, {}}; }

std::string shown(const Render& render, const link::Message& message) {
  std::string out;
  render(message, out);
  return out;
}

TEST(Readable, AmendmentsSayInAStreamWhatTheyAmend) {
  EXPECT_EQ(shown(readable(render_body({}), true), an_edit("new text")), "* ~alice edited 3: new text\n");
  EXPECT_EQ(shown(readable(render_verbose({}), false), an_edit("new text")),
            "ci.main 7 2026-11-22T21:02:56.123Z ~alice * edited 3: new text\n");
  EXPECT_EQ(shown(readable(render_body({}), true), a_message("hi")), "hi\n");
}

TEST(Readable, AmendmentsAreAsHarmlessAsTheirBodies) {
  EXPECT_EQ(shown(readable(render_body({true}), true), an_edit("\x1b[2J")), "* ~alice edited 3: \\x1b[2J\n");
}

TEST(InOneLine, IsTheNewestTextOrThatItWasRedacted) {
  link::View view;
  view.edited = by("alice", 8);
  view.text = "hello";
  EXPECT_EQ(in_one_line(a_message("hi"), view).body, "hello");
  view = {};
  view.standing = link::Standing::redacted;
  view.redacted = by("bob", 8);
  EXPECT_EQ(in_one_line(a_message("hi"), view).body, "(redacted by bob)");
}

TEST(JsonWithView, HasWhatBecameOfTheMessageBesideIt) {
  link::View view;
  view.edited = by("alice", 9);
  view.text = "hello \"you\"";
  view.pinned = by("bob", 10);
  view.reactions = {{"👍", {by("bob", 12), by("carol", 13)}}, {"\"", {by("bob", 14)}}};
  std::string out;
  json::append_json(a_message("hi"), view, out);
  const auto object = nlohmann::json::parse(out);
  EXPECT_EQ(object["text"], "hello \"you\"");
  EXPECT_EQ(object["edited"],
            nlohmann::json::parse(R"({"by":"~alice","seq":9,"time":"1970-01-01T00:00:00.000000000Z"})"));
  EXPECT_EQ(object["pinned"]["by"], "bob");
  EXPECT_EQ(object["reactions"], nlohmann::json::parse(R"([{"reaction":"👍","people":["bob","~carol"]},)"
                                                       R"({"reaction":"\"","people":["bob"]}])"));
  EXPECT_FALSE(object.contains("redacted"));
}

TEST(JsonWithView, OfARedactedMessageHasNoTextButByWhomAndWhy) {
  link::View view;
  view.standing = link::Standing::redacted;
  view.redacted = by("bob", 8);
  view.reason = "spam";
  std::string out;
  json::append_json(a_message("buy"), view, out);
  const auto object = nlohmann::json::parse(out);
  EXPECT_EQ(object["text"], "");
  EXPECT_EQ(object["redacted"]["by"], "bob");
  EXPECT_EQ(object["redacted"]["reason"], "spam");
  EXPECT_EQ(object["redacted"]["seq"], 8);
}

TEST(JsonWithView, OfAnOrdinaryMessageIsAsItWas) {
  std::string with, without;
  json::append_json(a_message("hi"), link::View{}, with);
  json::append_json(a_message("hi"), without);
  EXPECT_EQ(with, without);
}

}  // namespace
}  // namespace hubbub::cli
