#include "client/cli/completion_scripts.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace hubbub::cli {
namespace {

/// Whether the shell itself finds the script well-formed.
bool is_well_formed(const std::string& shell) {
  std::string folder = testing::TempDir() + "hubbub-completion-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return false;
  const auto path = folder + "/script";
  const bool written = (std::ofstream(path) << *script_of(shell)).flush().good();
  const bool well_formed = written && std::system((shell + " -n " + path).c_str()) == 0;
  std::filesystem::remove_all(folder);
  return well_formed;
}

bool is_installed(const std::string& shell) {
  return std::system(("command -v " + shell + " > /dev/null").c_str()) == 0;
}

class CompletionScript : public testing::TestWithParam<const char*> {};

TEST_P(CompletionScript, IsWellFormedToItsShell) {
  if (!is_installed(GetParam())) GTEST_SKIP() << GetParam() << " isn't installed";
  EXPECT_TRUE(is_well_formed(GetParam()));
}

TEST_P(CompletionScript, AsksHubbubForWords) {
  EXPECT_NE(script_of(GetParam())->find("completion words --"), std::string_view::npos);
}

INSTANTIATE_TEST_SUITE_P(Shells, CompletionScript, testing::Values("bash", "zsh", "fish"),
                         [](const auto& shell) { return std::string(shell.param); });

TEST(CompletionScripts, AreForThreeShells) { EXPECT_EQ(script_of("tcsh"), nullptr); }

}  // namespace
}  // namespace hubbub::cli
