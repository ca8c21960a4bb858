#include "client/cli/format.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cli/a_message.hpp"

namespace hubbub::cli {
namespace {

std::string shown(std::string_view format, const link::Message& message, RenderOptions options = {}) {
  const auto render = parse_format(format, options);
  if (!render) return "refused: " + render.error().sentence;
  std::string out;
  (*render)(message, out);
  return out;
}

TEST(Format, FillsInWhatIsKnown) {
  auto message = a_message("hi");
  message.headers.list = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(shown("{room} {seq} {time} {from} {name} {kind} {body}", message),
            "ci.main 7 2026-11-22T21:02:56.123Z ~alice alice text hi\n");
  EXPECT_EQ(shown("{header:b}|{header:none}|{headers}", message), "2||a=1 b=2\n");
  EXPECT_EQ(shown("{ns} {bytes} {base64}", message), "1795381376123456789 2 aGk=\n");
}

TEST(Format, HasNoTildeForTheVerified) {
  auto message = a_message("hi");
  message.verified = true;
  EXPECT_EQ(shown("{from}", message), "alice\n");
}

TEST(Format, ShowsTheLocalTimeByStrftime) {
  setenv("TZ", "UTC", 1);
  tzset();
  EXPECT_EQ(shown("{time:%H:%M}", a_message("hi")), "21:02\n");
}

TEST(Format, KnowsTheEscapesOfPrintf) {
  EXPECT_EQ(shown(R"(a\tb\\n{{x}}\0)", a_message("hi")), std::string("a\tb\\n{x}\0\n", 10));
  EXPECT_EQ(shown(R"({body}\c)", a_message("hi")), "hi");
  EXPECT_EQ(shown(R"({body}\q)", a_message("hi")), "hi\\q\n");
}

TEST(Format, LeavesBytesAloneUnlessATerminalWouldActOnThem) {
  const auto hostile = a_message("\x1b[2J\tok");
  EXPECT_EQ(shown("{body}", hostile), "\x1b[2J\tok\n");
  EXPECT_EQ(shown("{body}", hostile, {true}), "\\x1b[2J\tok\n");
}

TEST(Format, NamesThePlacesToWhoeverGetsOneWrong) {
  for (const auto* format : {"{rom}", "{header}", "{room:x}", "{", "{body"}) {
    const auto text = shown(format, a_message("hi"));
    EXPECT_TRUE(text.starts_with("refused: ")) << format;
    EXPECT_NE(text.find("{header:KEY}"), std::string::npos) << text;
  }
}

TEST(Format, DocumentsEveryPlaceThatThereIs) {
  for (const auto& row : format_places()) {
    std::string place(row.place);
    if (const auto at = place.find(":FORMAT"); at != std::string::npos) place.replace(at, 7, ":%H");
    EXPECT_TRUE(parse_format(place, {})) << place;
  }
}

}  // namespace
}  // namespace hubbub::cli
