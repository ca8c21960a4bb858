#include "client/json/content_type.hpp"

#include <gtest/gtest.h>

namespace hubbub::json {
namespace {

TEST(ContentType, IsNamedInFullOrJsonForShort) {
  EXPECT_EQ(media_type("json"), "application/json");
  EXPECT_EQ(media_type("text/csv"), "text/csv");
  EXPECT_EQ(media_type("application/ld+json; charset=utf-8"), "application/ld+json; charset=utf-8");
}

TEST(ContentType, ThatIsNoneIsRefusedWithExamples) {
  for (const auto* word : {"", "yaml", "/json", "text/", "a b/c", "text/\x1b[2J", ";", "text/ü"}) {
    const auto type = media_type(word);
    ASSERT_FALSE(type) << word;
    EXPECT_NE(type.error().sentence.find("application/json"), std::string::npos);
  }
}

TEST(ContentType, IsJsonByItsNameOrItsSuffixWhateverItsParameters) {
  for (const auto* type : {"application/json", "Application/JSON", "application/json ;charset=utf-8", "a/b+json"})
    EXPECT_TRUE(is_json(type)) << type;
  for (const auto* type : {"", "json", "application/jsonl", "text/plain; application/json", "application/xml"})
    EXPECT_FALSE(is_json(type)) << type;
}

TEST(ContentType, IsWhatTheFirstHeaderOfThatNameSays) {
  EXPECT_TRUE(is_json(proto::Headers{{{"a", "b"}, {"content-type", "application/json"}}}));
  EXPECT_FALSE(is_json(proto::Headers{{{"content-type", "text/plain"}, {"content-type", "application/json"}}}));
  EXPECT_FALSE(is_json(proto::Headers{}));
}

}  // namespace
}  // namespace hubbub::json
