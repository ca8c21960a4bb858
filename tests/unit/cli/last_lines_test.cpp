#include "client/cli/last_lines.hpp"

#include <gtest/gtest.h>

#include "proto/text.hpp"

namespace hubbub::cli {
namespace {

std::string last_of(std::string_view bytes, std::size_t lines_max = 3) {
  LastLines lines;
  lines.append(bytes);
  return lines.text(lines_max);
}

TEST(LastLines, AreTheLastOnes) {
  EXPECT_EQ(last_of("one\ntwo\nthree\nfour\n"), "two\nthree\nfour");
  EXPECT_EQ(last_of("one\ntwo\n"), "one\ntwo");
  EXPECT_EQ(last_of("one\n\ntwo\n\n"), "\ntwo\n");
  EXPECT_EQ(last_of("one\n", 0), "");
  EXPECT_EQ(last_of(""), "");
}

TEST(LastLines, NeedNoNewlineAtTheEnd) { EXPECT_EQ(last_of("one\ntwo"), "one\ntwo"); }

TEST(LastLines, ComeInAnyPieces) {
  LastLines lines;
  for (const char c : std::string("one\ntwo\nthree\nfour")) lines.append({&c, 1});
  EXPECT_EQ(lines.text(2), "three\nfour");
}

TEST(LastLines, AreWhatATerminalShowsOfProgress) {
  EXPECT_EQ(last_of("10%\r20%\rdone\nnext\r\n"), "done\nnext");
  EXPECT_EQ(last_of("10%\r20%\r"), "20%");
}

TEST(LastLines, AreBoundedInBytesAndSayWhatIsMissing) {
  const std::string much(LastLines::bytes_max, 'x');
  EXPECT_EQ(last_of(much), much) << "just fits";
  EXPECT_EQ(last_of(much + "yz"), "…" + much.substr(2) + "yz");
  EXPECT_EQ(last_of(much + "\nlast"), "…" + much.substr(5) + "\nlast");
  EXPECT_EQ(last_of(much + "\nlast", 1), "last") << "whole";
}

TEST(LastLines, AreTheSameHoweverMuchComesBefore) {
  LastLines lines;
  const std::string piece(1000, 'x');
  for (int i = 0; i < 100; ++i) lines.append(piece);
  EXPECT_EQ(lines.text(1), "…" + std::string(LastLines::bytes_max, 'x'));
}

TEST(LastLines, AreHarmless) {
  EXPECT_EQ(last_of("\x1b[2J\xff\ta\n"), "\\x1b[2J\xef\xbf\xbd\ta");
  std::string umlauts;
  for (std::size_t i = 0; i < LastLines::bytes_max; ++i) umlauts += "ä";
  const auto text = last_of("x" + umlauts + "x");
  EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(text.substr(0, 5), "…ä") << "no half of a character";
}

}  // namespace
}  // namespace hubbub::cli
