#include "client/cli/serve/exit_status.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "client/cli/exit_codes.hpp"
#include "proto/text.hpp"

namespace hubbub::cli {
namespace {

TEST(ExitStatus, IsHandedOnThroughACommandThatCallsAnother) {
  for (const auto status : {Status::ok, Status::invalid_argument, Status::unavailable, Status::internal,
                            Status::resource_exhausted, Status::permission_denied, Status::deadline_exceeded})
    EXPECT_EQ(status_of_exit_code(exit_code_of(status)), status) << name_of(status);
}

TEST(ExitStatus, OfAnyOtherStatusKeepsTheExitCode) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    const int code = exit_code_of(static_cast<Status>(i));
    EXPECT_EQ(exit_code_of(status_of_exit_code(code)), code) << status_names[i];
  }
}

TEST(ExitStatus, HasANameForEverySignal) {
  EXPECT_EQ(show_end(SIGSEGV), "was killed by SIGSEGV");
  EXPECT_EQ(show_end(SIGSEGV | 0x80), "was killed by SIGSEGV") << "with a core";
  EXPECT_EQ(show_end(50), "was killed by 50");
  EXPECT_EQ(show_end(3 << 8), "exited with 3");
  EXPECT_EQ(show_end(0), "has ended");
}

TEST(ExitStatus, CutsASentenceBetweenCharacters) {
  for (std::size_t before = 0; before < 4; ++before) {
    std::string text(before, 'x');
    while (text.size() < 2 * sentence_bytes_max) text += "\xf0\x9f\x99\x82";
    const auto sentence = sentence_of(text);
    EXPECT_LE(sentence.size(), sentence_bytes_max);
    EXPECT_TRUE(is_utf8(sentence));
  }
  EXPECT_EQ(sentence_of("two\nlines"), "two\\nlines");
}

}  // namespace
}  // namespace hubbub::cli
