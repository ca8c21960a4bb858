#include "client/cli/message_options.hpp"

#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

class MessageOptionsTest : public testing::Test {
 protected:
  MessageOptionsTest() { declare_message_options(syntax_, options_); }
  Result<void> give(std::string_view option, std::string_view value) {
    return syntax_.find_option(option)->take(value);
  }

  Syntax syntax_;
  MessageOptions options_;
};

TEST_F(MessageOptionsTest, KindIsTextUnlessTheBytesArent) {
  EXPECT_EQ(kind_for(options_, "grüße"), proto::Kind::text);
  EXPECT_EQ(kind_for(options_, "\xff"), proto::Kind::data);
}

TEST_F(MessageOptionsTest, KindIsWhatWasAskedFor) {
  ASSERT_TRUE(give("--kind", "notice"));
  EXPECT_EQ(kind_for(options_, "\xff"), proto::Kind::notice);
  EXPECT_FALSE(give("--kind", "shout"));
}

TEST_F(MessageOptionsTest, HeadersHaveTheirValueAfterTheFirstEqualsSign) {
  ASSERT_TRUE(give("--header", "url=http://x/?a=b"));
  link::Outgoing message;
  ASSERT_TRUE(apply(options_, message));
  EXPECT_EQ(message.headers.list.at(0), (proto::Header{"url", "http://x/?a=b"}));
  EXPECT_FALSE(give("--header", "novalue"));
  EXPECT_FALSE(give("--header", "=x"));
}

TEST_F(MessageOptionsTest, TypeIsAHeaderAndJsonIsChecked) {
  EXPECT_TRUE(check_body(options_, "{"));
  ASSERT_TRUE(give("--type", "json"));
  link::Outgoing message;
  ASSERT_TRUE(apply(options_, message));
  EXPECT_EQ(message.headers.list.at(0), (proto::Header{"content-type", "application/json"}));
  EXPECT_TRUE(check_body(options_, "{}"));
  EXPECT_EQ(check_body(options_, "{\n]").error().sentence,
            "this is no JSON, at line 2, column 1: a key in quotes belongs here");
  ASSERT_TRUE(give("--type", "text/csv"));
  EXPECT_TRUE(check_body(options_, "{"));
  EXPECT_FALSE(give("--type", "csv"));
}

TEST_F(MessageOptionsTest, HeadersThatNoHubWouldTakeAreRefusedHere) {
  ASSERT_TRUE(give("--header", "Bad Key=1"));
  link::Outgoing message;
  EXPECT_FALSE(apply(options_, message));
}

}  // namespace
}  // namespace hubbub::cli
