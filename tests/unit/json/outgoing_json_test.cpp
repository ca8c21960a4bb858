#include "client/json/outgoing_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hubbub::json {
namespace {

Result<link::Outgoing> outgoing(std::string_view json) {
  return outgoing_from_json(nlohmann::ordered_json::parse(json));
}

TEST(OutgoingJson, TakesAValueAsTheBodyAndSaysThatItIsJson) {
  const auto message = outgoing(R"({"json":{"level":"error","n":[1,2.5,null]}})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body, R"({"level":"error","n":[1,2.5,null]})");
  EXPECT_EQ(message->kind, proto::Kind::text);
  EXPECT_EQ(message->headers, (proto::Headers{{{"content-type", "application/json"}}}));
  EXPECT_EQ(outgoing(R"({"json":null})")->body, "null");
}

TEST(OutgoingJson, LeavesAContentTypeThatIsGivenAlone) {
  const auto message = outgoing(R"({"json":{},"headers":{"content-type":"application/ld+json","a":"b"}})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->headers, (proto::Headers{{{"content-type", "application/ld+json"}, {"a", "b"}}}));
  EXPECT_TRUE(outgoing(R"({"text":"{}"})")->headers.list.empty());
}

TEST(OutgoingJson, TakesOneBodyOnly) {
  EXPECT_EQ(outgoing(R"({"json":{},"text":"a"})").error().sentence, "it has more than one of text, base64 and json");
  EXPECT_EQ(outgoing(R"({"base64":"","text":"a"})").error().sentence, "it has more than one of text, base64 and json");
  EXPECT_EQ(outgoing(R"({"text":7})").error().sentence, "it has none of text, base64 and json");
  EXPECT_EQ(outgoing(R"({})").error().sentence, "it has none of text, base64 and json");
}

}  // namespace
}  // namespace hubbub::json
