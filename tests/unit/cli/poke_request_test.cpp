#include "client/cli/poke_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

using agent::PokeOn;

TEST(PokeRequest, IsOneLineOfJson) {
  EXPECT_EQ(poke_line({4711, 42, {PokeOn::unread}}), R"({"op":"poke","pid":4711,"signal":42,"on":["unread"]})");
  EXPECT_EQ(poke_line({1, 10, {PokeOn::mention, PokeOn::presence}}),
            R"({"op":"poke","pid":1,"signal":10,"on":["mention","presence"]})");
}

TEST(PokeRequest, TakesEachKindOnceAndNothingElse) {
  std::vector<PokeOn> on;
  EXPECT_TRUE(add_poke_on("mention", on));
  EXPECT_TRUE(add_poke_on("unread", on));
  EXPECT_TRUE(add_poke_on("mention", on));
  EXPECT_EQ(on, (std::vector{PokeOn::mention, PokeOn::unread}));
  const auto refused = add_poke_on("all\x1b", on);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().sentence, testing::HasSubstr("there are unread, mention and presence"));
  EXPECT_THAT(refused.error().sentence, testing::Not(testing::HasSubstr("\x1b")));
}

TEST(PokeRequest, TellsWhatTheAgentRefuses) {
  EXPECT_TRUE(refusal_in(R"({"done":true})"));
  const auto refused = refusal_in(R"({"error":{"status":"not_found","sentence":"there is no process 5"}})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Error{Status::not_found, "there is no process 5"}));
  for (const auto* odd : {"", "{", "[]", "{}", R"({"error":7})", R"({"error":{}})"})
    EXPECT_FALSE(refusal_in(odd)) << odd;
}

}  // namespace
}  // namespace hubbub::cli
