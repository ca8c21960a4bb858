#include "client/cli/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

using testing::ElementsAre;

/// A command with one of everything.
class ParseTest : public testing::Test {
 protected:
  ParseTest() {
    syntax_.option({"-v,--verbose", "", "", store(verbose_)});
    syntax_.option({"-m,--message", "TEXT", "", store(text_)});
    syntax_.option({"-n,--count", "COUNT", "", store(count_, 1)});
    syntax_.option({"--header", "K=V", "", append(headers_), Hint::none, {}, true});
    syntax_.operand({"ROOM", "", store(room_)});
    syntax_.operand({"TEXT", "", append(words_), Hint::none, false, true});
  }
  std::string parse(Words words) {
    const auto parsed = parse_words(syntax_, std::move(words), help_);
    return parsed ? "" : parsed.error().sentence;
  }

  Syntax syntax_;
  bool verbose_ = false, help_ = false;
  std::string text_;
  std::optional<std::uint64_t> count_;
  std::vector<std::string> headers_, words_;
  RoomName room_;
};

TEST_F(ParseTest, MixesOptionsAndOperands) {
  EXPECT_EQ(parse({"-v", "#lobby", "a", "--count=3", "b", "-m", "x"}), "");
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(room_.str(), "lobby");
  EXPECT_EQ(count_, 3U);
  EXPECT_EQ(text_, "x");
  EXPECT_THAT(words_, ElementsAre("a", "b"));
}

TEST_F(ParseTest, TakesShortOptionsTogether) {
  EXPECT_EQ(parse({"-vn5", "lobby"}), "");
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(count_, 5U);
}

TEST_F(ParseTest, LeavesOddWordsAlone) {
  EXPECT_EQ(parse({"lobby", "[a,b]", "{}", "a=b", "", "\"q\"", "%%"}), "");
  EXPECT_THAT(words_, ElementsAre("[a,b]", "{}", "a=b", "", "\"q\"", "%%"));
}

TEST_F(ParseTest, TakesASingleOddWordAsItIs) {
  EXPECT_EQ(parse({"lobby", "{}"}), "");
  EXPECT_THAT(words_, ElementsAre("{}"));
}

TEST_F(ParseTest, TakesAnythingAfterTwoDashes) {
  EXPECT_EQ(parse({"lobby", "--", "-x", "--verbose", "--"}), "");
  EXPECT_FALSE(verbose_);
  EXPECT_THAT(words_, ElementsAre("-x", "--verbose", "--"));
}

TEST_F(ParseTest, GivesWhatStandsBehindTwoDashesToTheOperandThatWantsJustThat) {
  syntax_.operands = {{"ROOM", "", store(room_), Hint::none, false},
                      {"CMD", "", append(words_), Hint::none, true, true, {}, true}};
  EXPECT_EQ(parse({"-v", "lobby", "--", "make", "-n", "--", "[a,b]"}), "");
  EXPECT_EQ(room_.str(), "lobby");
  EXPECT_THAT(words_, ElementsAre("make", "-n", "--", "[a,b]"));
  EXPECT_EQ(parse({"--", "true"}), "") << "and nothing of it to another";
  EXPECT_EQ(parse({"lobby", "make"}), "'make' is one word too many; CMD goes after --");
  EXPECT_EQ(parse({"lobby"}), "CMD is missing");
  EXPECT_EQ(parse({"lobby", "--"}), "CMD is missing");
}

TEST_F(ParseTest, TakesAValueThatBeginsWithADash) {
  EXPECT_EQ(parse({"lobby", "-m", "-5"}), "");
  EXPECT_EQ(text_, "-5");
}

TEST_F(ParseTest, RepeatsOnlyWhatMayBeRepeated) {
  EXPECT_EQ(parse({"lobby", "--header", "a=1", "-m", "x", "--header", "[b=2,3]", "-m", "y"}), "");
  EXPECT_THAT(headers_, ElementsAre("a=1", "[b=2,3]"));
  EXPECT_EQ(text_, "y");
}

TEST_F(ParseTest, SaysWhatIsWrong) {
  EXPECT_EQ(parse({}), "ROOM is missing");
  EXPECT_EQ(parse({"lobby", "-n", "0"}), "--count: '0' is not a whole number from 1 up");
  EXPECT_EQ(parse({"lobby", "-n"}), "--count needs a value");
  EXPECT_EQ(parse({"lobby", "--verbos"}), "there is no option --verbos; did you mean --verbose?");
  EXPECT_EQ(parse({"lobby", "--verbose=no"}), "--verbose takes no value");
  EXPECT_THAT(parse({"NO ROOM"}), testing::HasSubstr("ROOM: 'NO ROOM' is not a room"));
}

TEST_F(ParseTest, SaysWhichWordIsTooMany) {
  syntax_.operands.pop_back();
  EXPECT_EQ(parse({"lobby", "more"}), "'more' is one word too many");
}

TEST_F(ParseTest, ForgivesMissingOperandsToWhoeverWantsHelp) {
  help_ = true;
  EXPECT_EQ(parse({}), "");
}

TEST_F(ParseTest, StopsBeforeTheCommand) {
  const auto rest = parse_leading(syntax_, {"-v", "--count", "3", "pub", "-m", "x"});
  ASSERT_TRUE(rest);
  EXPECT_THAT(*rest, ElementsAre("pub", "-m", "x"));
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(text_, "");
  EXPECT_FALSE(parse_leading(syntax_, {"--bogus", "pub"}));
}

}  // namespace
}  // namespace hubbub::cli
