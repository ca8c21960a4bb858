#include "client/cli/terminal.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace hubbub::cli {
namespace {

TEST(Terminal, KnowsWhetherTheLocaleIsOneOfUtf8) {
  ::setenv("LC_ALL", "C.UTF-8", 1);
  EXPECT_TRUE(locale_is_utf8());
  ::setenv("LC_ALL", "C", 1);
  EXPECT_FALSE(locale_is_utf8());
  ::setenv("LC_ALL", "xx_XX.UTF-8", 1);
  EXPECT_FALSE(locale_is_utf8()) << "a locale that isn't installed";
  ::unsetenv("LC_ALL");
}

}  // namespace
}  // namespace hubbub::cli
