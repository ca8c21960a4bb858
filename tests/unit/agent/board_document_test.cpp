// What docs/board.md says is so: its programs are compiled and run, its offsets are the compiler's, and board.h is
// short.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/agent/a_board.hpp"

namespace hubbub::agent {
namespace {

using testing::HasSubstr;

const std::string source = HUBBUB_SOURCE_DIR;

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class BoardDocument : public testing::Test {
 protected:
  BoardDocument() { std::filesystem::create_directory(folder_); }
  ~BoardDocument() override { std::filesystem::remove_all(folder_); }

  /// The only block of that language.
  std::string write_example(const std::string& language, const std::string& file) {
    const auto begin = document_.find("```" + language + "\n") + language.size() + 4;
    std::ofstream(folder_ / file) << document_.substr(begin, document_.find("```", begin) - begin);
    return folder_ / file;
  }
  std::string output_of(const std::string& command) {
    const auto out = folder_ / "out";
    writer_->beat(SystemClock().steady_now());
    const int status = std::system((command + " > " + out.string() + " 2>&1").c_str());
    return read(out) + (status == 0 ? "" : "status " + std::to_string(status));
  }
  static bool there_is(const std::string& program) {
    return std::system((program + " --version >/dev/null 2>&1").c_str()) == 0;
  }

  const std::string document_ = read(source + "/docs/board.md");
  const std::string name_ = test_board_name(3);
  const std::string path_ = board_path(name_);
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / name_;
  std::unique_ptr<BoardWriter> writer_ = BoardWriter::make(name_).value();
};

TEST_F(BoardDocument, HasAnExampleThatRunsInEveryC) {
  writer_->set_person(a_person("alice", proto::Presence::away, "lunch"));
  const auto example = write_example("c", "example.c");
  const auto program = (folder_ / "example").string();
  const std::string strict = " -O2 -Wall -Wextra -Wpedantic -Wshadow -Werror -I " + source + " -o " + program + " ";
  int tried = 0;
  for (const std::string compiler : {"gcc -std=c99 -D_POSIX_C_SOURCE=200809L", "gcc -std=gnu17", "clang -std=gnu99",
                                     "g++ -x c++ -std=c++20", "clang++ -x c++ -std=c++20"}) {
    if (!there_is(compiler.substr(0, compiler.find(' ')))) continue;
    ++tried;
    ASSERT_EQ(output_of(compiler + strict + example), "") << compiler;
    EXPECT_EQ(output_of(program + " " + path_ + " alice"), "alice 2 lunch\n") << compiler;
  }
  if (tried == 0) GTEST_SKIP() << "there is no compiler here";
}

TEST_F(BoardDocument, HasAnExampleThatRunsInPython) {
  if (!there_is("python3")) GTEST_SKIP() << "there is no python3 here";
  writer_->set_person(a_person("bob"));
  writer_->set_person(a_person("alice", proto::Presence::away, "lunch"));
  const auto example = write_example("python", "example.py");
  EXPECT_EQ(output_of("python3 " + example + " " + path_ + " alice"), "alice 2 lunch\n");
  EXPECT_EQ(output_of("python3 " + example + " " + path_ + " nobody"), "");
}

TEST_F(BoardDocument, HasTheOffsetsOfTheHeader) {
  const auto says = [this](std::size_t offset, const std::string& bytes, const std::string& what) {
    EXPECT_THAT(document_, HasSubstr("| " + std::to_string(offset) + " | " + bytes + " | " + what));
  };
  EXPECT_THAT(document_, HasSubstr("217,408 bytes"));
  EXPECT_EQ(sizeof(hubbub_page), 217408U);
  says(offsetof(hubbub_page, magic), "4", "magic");
  says(offsetof(hubbub_page, layout), "4", "layout: " + std::to_string(HUBBUB_LAYOUT));
  says(offsetof(hubbub_page, size), "8", "size");
  says(offsetof(hubbub_page, generation), "8", "generation");
  says(offsetof(hubbub_page, agent_pid), "8", "process id");
  says(offsetof(hubbub_page, heartbeat), "8", "heartbeat");
  says(offsetof(hubbub_page, changes), "8", "changes");
  says(offsetof(hubbub_page, summary), std::to_string(sizeof(hubbub_summary)), "summary");
  says(offsetof(hubbub_page, people), "1024 × " + std::to_string(sizeof(hubbub_person)), "people");
  says(offsetof(hubbub_page, rooms), "512 × " + std::to_string(sizeof(hubbub_room)), "rooms");
  says(offsetof(hubbub_summary, connection), "4", "connection");
  says(offsetof(hubbub_summary, people), "4", "people in the table");
  says(offsetof(hubbub_summary, people_left_out), "4", "people left out");
  says(offsetof(hubbub_summary, rooms), "4", "rooms in the table");
  says(offsetof(hubbub_summary, rooms_left_out), "4", "rooms left out");
  says(offsetof(hubbub_summary, unread), "8", "unread, of all");
  says(offsetof(hubbub_summary, mentions), "8", "mentions, of all");
  says(offsetof(hubbub_summary, own_name), "40", "the user's own name");
  says(offsetof(hubbub_summary, hub), "120", "the hub's address");
  says(offsetof(hubbub_person, presence), "4", "presence");
  says(offsetof(hubbub_person, verified), "4", "verified");
  says(offsetof(hubbub_person, idle_since), "8", "idle since");
  says(offsetof(hubbub_person, name), "40", "name");
  says(offsetof(hubbub_person, away), "56", "why away");
  says(offsetof(hubbub_room, direct), "4", "direct");
  says(offsetof(hubbub_room, unread), "4", "unread");
  says(offsetof(hubbub_room, mentions), "4", "mentions");
  says(offsetof(hubbub_room, last), "8", "seq of the last");
  says(offsetof(hubbub_room, name), "136", "name");
}

TEST_F(BoardDocument, SaysHowLongTheHeaderIsWhichStaysUnderAHundredLines) {
  const auto header = read(source + "/client/agent/board.h");
  const auto lines = std::ranges::count(header, '\n');
  EXPECT_LT(lines, 100);
  EXPECT_THAT(document_, HasSubstr("in " + std::to_string(lines) + " lines"));
}

}  // namespace
}  // namespace hubbub::agent
