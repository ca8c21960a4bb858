#include "client/cli/render.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

std::string shown(const Render& render, const link::Message& message) {
  std::string out;
  render(message, out);
  return out;
}

const std::string any_bytes("\0\x1b[2J\xff\n", 7);

TEST(Render, WritesBodiesAsTheyCame) { EXPECT_EQ(shown(render_body({}), a_message(any_bytes)), any_bytes + "\n"); }

TEST(Render, EndsMessagesAsAsked) {
  EXPECT_EQ(shown(render_body({false, ""}), a_message("a")), "a");
  EXPECT_EQ(shown(render_body({false, std::string_view("\0", 1)}), a_message("a")), std::string("a\0", 2));
}

TEST(Render, PutsRoomSeqTimeAndSenderBeforeTheBody) {
  EXPECT_EQ(shown(render_verbose({}), a_message("a b")), "ci.main 7 2026-11-22T21:02:56.123Z ~alice a b\n");
}

TEST(Render, EscapesOnlyForATerminal) {
  EXPECT_EQ(shown(render_body({true}), a_message("\x1b[2J\ta\nb")), "\\x1b[2J\ta\nb\n");
}

TEST(Render, WritesTextAsJson) {
  auto message = a_message("say \"hi\"\n\x1b");
  message.headers.list = {{"k", "v\\"}};
  EXPECT_EQ(shown(render_json({}), message),
            R"({"room":"ci.main","seq":7,"time":"2026-11-22T21:02:56.123456789Z","from":"alice","verified":false,)"
            R"("kind":"text","headers":{"k":"v\\"},"text":"say \"hi\"\n\u001b"})"
            "\n");
}

TEST(Render, WritesBytesAsBase64InJson) {
  auto message = a_message("\xff");
  message.kind = proto::Kind::data;
  message.retained = true;
  const auto json = shown(render_json({}), message);
  EXPECT_NE(json.find(R"("retained":true,"kind":"data","headers":{},"base64":"/w=="})"), std::string::npos) << json;
}

}  // namespace
}  // namespace hubbub::cli
