// What happens to the board where somebody else is at work: in the way of the file, in the file, or at its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/unit/agent/a_board.hpp"
#include "tests/unit/common/in_a_child.hpp"

namespace hubbub::agent {
namespace {

using testing::HasSubstr;

class BoardHostileTest : public testing::Test {
 protected:
  ~BoardHostileTest() override {
    std::error_code gone;
    std::filesystem::remove_all(path_, gone);
    std::filesystem::remove_all(path_ + "~", gone);
  }
  Error refusal() {
    const auto made = BoardWriter::make(name_);
    EXPECT_FALSE(made);
    return made ? Error{} : made.error();
  }
  /// Changes the file as any other program of the user's may.
  [[nodiscard]] hubbub_page* scribble() const {
    const Descriptor file(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
    return static_cast<hubbub_page*>(
        ::mmap(nullptr, sizeof(hubbub_page), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0));
  }
  void write_file(std::uintmax_t bytes, mode_t mode = 0600) {
    std::filesystem::remove_all(path_);
    const std::string text(bytes, 'x');
    std::ofstream(path_, std::ios::binary) << text;
    ::chmod(path_.c_str(), mode);
  }
  int opened() { return BoardReader(name_).opened; }

  const std::string name_ = test_board_name(1);
  const std::string path_ = board_path(name_);
};

TEST_F(BoardHostileTest, IsNotMadeThroughASymbolicLinkAndLeavesItAlone) {
  const auto target = std::filesystem::temp_directory_path() / name_;
  std::ofstream(target) << "precious";
  std::filesystem::create_symlink(target, path_);
  const auto error = refusal();
  EXPECT_EQ(error.status, Status::permission_denied);
  EXPECT_THAT(error.sentence, HasSubstr("is no file; remove it"));
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(std::filesystem::file_size(target), 8U);
  EXPECT_EQ(opened(), HUBBUB_ABSENT) << "nor does a reader follow it";
  std::filesystem::remove(target);
}

TEST_F(BoardHostileTest, IsNotMadeWhereAFolderOrAFifoIs) {
  std::filesystem::create_directory(path_);
  EXPECT_EQ(refusal().status, Status::permission_denied);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED);
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal().status, Status::permission_denied);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED) << "and nobody waits for a writer of the FIFO";
}

TEST_F(BoardHostileTest, IsNotMadeOverAnotherUsersFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a file of another user";
  write_file(10);
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  const auto error = refusal();
  EXPECT_EQ(error.status, Status::permission_denied);
  EXPECT_THAT(error.sentence, HasSubstr("belongs to user 65534"));
  EXPECT_EQ(std::filesystem::file_size(path_), 10U);
}

TEST_F(BoardHostileTest, IsNotReadByAnotherUserNorTakenFromOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const auto writer = BoardWriter::make(name_).value();
  const auto told = in_a_child([this](int pipe) {
    if (::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    hubbub_board board{};
    const int code = hubbub_board_open(path_.c_str(), &board);
    tell(pipe, std::to_string(code) + " " + std::strerror(errno));
    tell(pipe, std::to_string(static_cast<int>(BoardWriter::make(name_).error().status)));
  });
  EXPECT_EQ(told, "1 Permission denied\n" + std::to_string(static_cast<int>(Status::permission_denied)) + "\nexit 0");
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED) << "what somebody else has written is believed by nobody";
}

TEST_F(BoardHostileTest, IsTheUsersAloneWhateverTheUmask) {
  for (const mode_t mask : {0, 0777}) {
    const auto before = ::umask(mask);
    const auto writer = BoardWriter::make(name_);
    ::umask(before);
    ASSERT_TRUE(writer);
    struct stat made {};
    ASSERT_EQ(::stat(path_.c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777, 0600U);
  }
}

TEST_F(BoardHostileTest, ReplacesWhatWasLeftHalfMade) {
  std::ofstream(path_ + "~") << "half";
  const auto writer = BoardWriter::make(name_);
  EXPECT_TRUE(writer);
  EXPECT_FALSE(std::filesystem::exists(path_ + "~"));
}

TEST_F(BoardHostileTest, IsNotMadeOnAFullDevShmWhichSaysSoAndLeavesNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can mount a small /dev/shm";
  const auto told = in_a_child([this](int pipe) {
    const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=64k") == 0;
    if (!mounted) return tell(pipe, "not mounted");
    const auto made = BoardWriter::make(name_);
    tell(pipe, made ? "made" : made.error().sentence);
    tell(pipe, std::string(name_of(made ? Status::ok : made.error().status)));
    if (!std::filesystem::is_empty("/dev/shm")) tell(pipe, "something is left");
  });
  if (told.starts_with("not mounted")) GTEST_SKIP() << "nothing can be mounted here";
  EXPECT_EQ(told, "can't make the board " + path_ +
                      ": No space left on device; it needs 213 KiB in /dev/shm\nresource_exhausted\nexit 0");
}

TEST_F(BoardHostileTest, IsRefusedByReadersIfItIsNone) {
  EXPECT_EQ(opened(), HUBBUB_ABSENT);
  write_file(0);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED);
  write_file(sizeof(hubbub_page));
  EXPECT_EQ(opened(), HUBBUB_DAMAGED) << "without the magic";
  write_file(sizeof(hubbub_page) - 1);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED);
  const auto writer = BoardWriter::make(name_).value();
  ASSERT_EQ(opened(), HUBBUB_FOUND);
  auto* const page = scribble();
  page->layout = 2;
  EXPECT_EQ(opened(), HUBBUB_DAMAGED);
  page->layout = HUBBUB_LAYOUT;
  ::chmod(path_.c_str(), 0644);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED) << "open to others";
  ::munmap(page, sizeof *page);
}

TEST_F(BoardHostileTest, IsRefusedByReadersIfItHasHolesThatAFullMemoryCouldNotFill) {
  const Descriptor file(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::ftruncate(file.get(), sizeof(hubbub_page)), 0);
  const std::uint32_t head[2] = {HUBBUB_MAGIC, HUBBUB_LAYOUT};
  ASSERT_EQ(::pwrite(file.get(), head, sizeof head, 0), static_cast<ssize_t>(sizeof head));
  EXPECT_EQ(opened(), HUBBUB_DAMAGED);
}

TEST_F(BoardHostileTest, MakesReadersGiveUpWhereAWriterHasDiedInTheMiddle) {
  const auto writer = BoardWriter::make(name_).value();
  writer->set_person(a_person("alice"));
  BoardReader reader(name_);
  auto* const page = scribble();
  for (auto& person : page->people) person.sequence |= 1;
  page->summary.sequence |= 1;
  hubbub_person person{};
  hubbub_summary summary{};
  writer->beat(SystemClock().steady_now());
  EXPECT_EQ(reader.person("alice", person), HUBBUB_BUSY);
  writer->beat(SystemClock().steady_now());
  EXPECT_EQ(reader.summary(summary), HUBBUB_BUSY);
  page->heartbeat = 1;
  EXPECT_EQ(reader.person("alice", person), HUBBUB_DEAD);
  ::munmap(page, sizeof *page);
}

TEST_F(BoardHostileTest, LeadsNoReaderAstrayWithGarbage) {
  const auto writer = BoardWriter::make(name_).value();
  BoardReader reader(name_);
  auto* const page = scribble();
  std::mt19937_64 dice(1);
  for (int round = 0; round < 6; ++round) {
    auto* const words = reinterpret_cast<std::uint64_t*>(page);
    for (std::size_t i = 0; i < sizeof *page / 8; ++i)
      words[i] = round % 2 == 0 ? dice() : dice() | 0x0101010101010101u;
    if (round % 2 != 0)  // even sequences, all in use, texts without an end
      for (auto& person : page->people) person.sequence = 2, person.state = 1;
    page->heartbeat = static_cast<std::uint64_t>(SystemClock().steady_now().time_since_epoch().count());
    hubbub_person person{};
    hubbub_room room{};
    hubbub_summary summary{};
    EXPECT_NE(reader.person("alice", person), HUBBUB_FOUND);
    EXPECT_NE(reader.room("ops", room), HUBBUB_FOUND);
    reader.summary(summary);
    for (std::size_t at = 0; at < HUBBUB_PEOPLE; at += 16) {
      if (hubbub_board_person_at(&reader.board, at, &person) != HUBBUB_FOUND) continue;
      EXPECT_LT(std::strlen(person.name), sizeof person.name);
      EXPECT_LT(std::strlen(person.away), sizeof person.away);
    }
    EXPECT_EQ(hubbub_board_person_at(&reader.board, HUBBUB_PEOPLE, &person), HUBBUB_ABSENT);
    EXPECT_EQ(hubbub_board_room_at(&reader.board, std::size_t(-1), &room), HUBBUB_ABSENT);
  }
  ::munmap(page, sizeof *page);
}

TEST_F(BoardHostileTest, GetsWellAgainWhereSomebodyHasScribbledOnIt) {
  const auto writer = BoardWriter::make(name_).value();
  writer->set_person(a_person("alice"));
  BoardReader reader(name_);
  auto* const page = scribble();
  for (auto& person : page->people) person.sequence |= 1;
  writer->set_person(a_person("alice", proto::Presence::away));
  hubbub_person person{};
  EXPECT_EQ(reader.person("alice", person), HUBBUB_FOUND);
  EXPECT_EQ(person.presence, 2U);
  ::munmap(page, sizeof *page);
}

/// What is left of a file that was cut off must not be touched: the tests would die of SIGBUS.
TEST_F(BoardHostileTest, NoticesThatItsFileWasCutOffAndIsMadeAnew) {
  const auto writer = BoardWriter::make(name_).value();
  writer->set_person(a_person("alice"));
  writer->set_room(a_room("ops", 3, 1, 9));
  BoardReader reader(name_);
  EXPECT_TRUE(writer->is_in_place());
  ASSERT_EQ(::truncate(path_.c_str(), 0), 0);
  hubbub_summary summary{};
  EXPECT_EQ(reader.summary(summary), HUBBUB_DAMAGED);
  EXPECT_EQ(opened(), HUBBUB_DAMAGED);
  writer->set_person(a_person("bob"));
  writer->beat(SystemClock().steady_now());
  EXPECT_FALSE(writer->is_in_place());
  ASSERT_TRUE(writer->restore());
  EXPECT_TRUE(writer->is_in_place());
  BoardReader next(name_);
  hubbub_person person{};
  EXPECT_EQ(next.person("alice", person), HUBBUB_FOUND);
  EXPECT_EQ(next.person("bob", person), HUBBUB_FOUND);
  ASSERT_EQ(next.summary(summary), HUBBUB_FOUND);
  EXPECT_EQ(summary.unread, 3U);
}

TEST_F(BoardHostileTest, NoticesThatItsFileWasRemovedAndIsMadeAnewWithTheSamePlaces) {
  const auto writer = BoardWriter::make(name_).value();
  std::vector<std::string> names;
  for (int i = 0; names.size() < 3; ++i)
    if (const auto name = "n" + std::to_string(i); BoardSlots::hash(name) % HUBBUB_PEOPLE == 7) names.push_back(name);
  for (const auto& name : names) writer->set_person(a_person(name));
  writer->forget_person(PersonName::literal(names[0]));
  std::filesystem::remove(path_);
  EXPECT_FALSE(writer->is_in_place());
  ASSERT_TRUE(writer->restore());
  BoardReader reader(name_);
  hubbub_person person{};
  EXPECT_EQ(reader.person(names[2], person), HUBBUB_FOUND);
  EXPECT_EQ(reader.person(names[0], person), HUBBUB_ABSENT);
}

}  // namespace
}  // namespace hubbub::agent
