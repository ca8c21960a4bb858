#include "client/cli/exit_codes.hpp"

#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

TEST(ExitCodes, AreThoseOfSysexitsAndTimeout) {
  EXPECT_EQ(exit_code_of(Status::ok), 0);
  EXPECT_EQ(exit_code_of(Status::invalid_argument), 65);
  EXPECT_EQ(exit_code_of(Status::unavailable), 69);
  EXPECT_EQ(exit_code_of(Status::resource_exhausted), 75);
  EXPECT_EQ(exit_code_of(Status::permission_denied), 77);
  EXPECT_EQ(exit_code_of(Status::unauthenticated), 77);
  EXPECT_EQ(exit_code_of(Status::already_exists), 77);
  EXPECT_EQ(exit_code_of(Status::deadline_exceeded), 124);
}

TEST(ExitCodes, AreAllExplained) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    const int code = exit_code_of(static_cast<Status>(i));
    bool explained = false;
    for (const auto& row : exit_code_rows()) explained = explained || row.code == code;
    EXPECT_TRUE(explained) << status_names[i] << " ends with " << code;
  }
}

TEST(ExitCodes, HaveOneForAStatusOfANewerHub) { EXPECT_EQ(exit_code_of(static_cast<Status>(200)), 70); }

}  // namespace
}  // namespace hubbub::cli
