#include "client/cli/serve/call_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/serving.hpp"

namespace hubbub::cli {
namespace {

using nlohmann::json;
using test::Is;

TEST(CallLines, SayWhatTheCallIs) {
  ServedCall call;
  call.id = 7;
  call.method = "scale";
  call.arguments = R"({"by":1.10})";
  call.variables = {"HUBBUB_FROM=alice", "HUBBUB_CALL=a\"b\n\xff", "HUBBUB_ID=8", "PATH=/bin", "HUBBUB_METHOD=other"};
  const auto line = call_line(call);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(json::parse(line), (json{{"id", 7},
                                     {"method", "scale"},
                                     {"arguments", {{"by", 1.1}}},
                                     {"from", "alice"},
                                     {"call", "a\"b\n\xef\xbf\xbd"}}));
  EXPECT_THAT(line, testing::HasSubstr("1.10")) << "numbers keep their digits";
  call.deadline = std::chrono::milliseconds(4000);
  EXPECT_EQ(json::parse(call_line(call))["deadline_ms"], 4000);
  EXPECT_EQ(cancel_line(7), "{\"id\":7,\"cancel\":true}\n");
}

TEST(CallLines, AnswerWithAnyJsonAsItIsWritten) {
  for (const std::string result : {"42", "1.10", "null", "\"a text\"", R"([1, {"x": []}])", "{}"}) {
    for (const auto& line :
         {R"({"id":7,"result":)" + result + "}", R"( { "result" : )" + result + R"( , "id" : 7 } )"}) {
      const auto answer = parse_answer(line);
      ASSERT_TRUE(answer) << line;
      EXPECT_EQ(answer->id, 7u);
      EXPECT_THAT(answer->served, Is(Status::ok, result));
    }
  }
  EXPECT_TRUE(parse_answer(R"({"id":18446744073709551615,"took":{"ms":[3]},"result":1})"));
}

TEST(CallLines, AnswerWithARefusal) {
  EXPECT_THAT(parse_answer(R"({"id":7,"error":"no such image","status":"not_found"})")->served,
              Is(Status::not_found, "no such image"));
  EXPECT_THAT(parse_answer(R"({"id":7,"error":"a\nb\u001b"})")->served, Is(Status::unknown, "a\\nb\\x1b"));
  EXPECT_THAT(parse_answer(R"({"id":7,"error":"x","status":"ok"})")->served, Is(Status::unknown, "x"));
  EXPECT_THAT(parse_answer(R"({"id":7,"error":"x","status":["odd"]})")->served, Is(Status::unknown, "x"));
}

TEST(CallLines, ThatAreNoAnswersAreToldFromThem) {
  for (const auto* line : {"",
                           "ready",
                           "42",
                           "[]",
                           "{",
                           "{}",
                           R"({"id":7})",
                           R"({"result":1})",
                           R"({"id":7,"result":1)",
                           R"({"id":7,"result":1}})",
                           R"({"id":7,"result":1} x)",
                           R"({"id":-7,"result":1})",
                           R"({"id":7.0,"result":1})",
                           R"({"id":"7","result":1})",
                           R"({"id":18446744073709551616,"result":1})",
                           R"({"id":7,"result":})",
                           R"({"id":7,"result":1,"error":"x"})",
                           R"({"id":7,"error":5})",
                           R"({"id":7,"error":"\ud800"})",
                           "{\"id\":7,\"result\":\"\xff\"}"})
    EXPECT_FALSE(parse_answer(line)) << line;
}

TEST(CallLines, TellTheirIdByTheirBeginning) {
  EXPECT_EQ(id_in_beginning(R"({"id":71,"result":"abc)"), 71u);
  EXPECT_EQ(id_in_beginning(R"({"ok":true,"id": 71 ,"result":[[[)"), 71u);
  EXPECT_FALSE(id_in_beginning(R"({"result":"abc)"));
  EXPECT_FALSE(id_in_beginning(R"({"id":7)")) << "there may be more of it";
  EXPECT_FALSE(id_in_beginning("xxxxx"));
}

}  // namespace
}  // namespace hubbub::cli
