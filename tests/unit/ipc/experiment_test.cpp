// With processes: what happens to an experiment whose mechanism, or whose machine, is no good.
#include "client/cli/ipc/experiment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "client/cli/ipc/mechanisms.hpp"

namespace hubbub::ipc {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A pipe's end that does something else at the answerer's hundredth message.
class Flawed : public End {
 public:
  Flawed(std::unique_ptr<End> good, bool (*flaw)(End&, std::span<std::byte>)) : good_(std::move(good)), flaw_(flaw) {}
  bool send(std::span<const std::byte> message) override { return good_->send(message); }
  bool receive(std::span<std::byte> message) override {
    return ++count_ == 100 ? flaw_(*good_, message) : good_->receive(message);
  }

 private:
  std::unique_ptr<End> good_;
  bool (*flaw_)(End&, std::span<std::byte>);
  int count_ = 0;
};

template <bool (*flaw)(End&, std::span<std::byte>)>
Result<Ends> open_flawed(std::size_t bytes) {
  auto ends = (*find_mechanism("pipe"))->open(bytes);
  ends->answering = std::make_unique<Flawed>(std::move(ends->answering), flaw);
  return ends;
}

bool die(End&, std::span<std::byte>) { return ::raise(SIGKILL) == 0; }
bool fail_to_receive(End&, std::span<std::byte>) { return errno = EIO, false; }
bool lose_one(End& end, std::span<std::byte> message) {
  const bool lost = end.receive(message);
  for (auto& byte : message) byte = std::byte{0};
  return lost;
}
bool hang(End&, std::span<std::byte>) { return ::pause() == 0; }

class ExperimentTest : public testing::Test {
 protected:
  template <bool (*flaw)(End&, std::span<std::byte>)>
  Error error_with() {
    const auto figures = run_experiment({"flawed", "", "", 64, open_flawed<flaw>}, {64, 10ms}, watch);
    return figures ? Error{} : figures.error();
  }
  void TearDown() override { EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a process was left behind"; }
  Watch watch;
};

TEST_F(ExperimentTest, GivesFigures) {
  const auto figures = run_experiment(**find_mechanism("pipe"), {64, 10ms}, watch);
  ASSERT_TRUE(figures) << figures.error().sentence;
  EXPECT_EQ(figures->message_bytes, 64U);
  EXPECT_GE(figures->round_trips, round_trips_min);
}

TEST_F(ExperimentTest, SendsNoLongerMessagesThanTheMechanismTakes) {
  const auto figures = run_experiment(**find_mechanism("signal"), {64, 10ms}, watch);
  ASSERT_TRUE(figures) << figures.error().sentence;
  EXPECT_EQ(figures->message_bytes, 8U);
}

TEST_F(ExperimentTest, NobodySleepsThroughAMessageInSharedMemory) {
  for (int i = 0; i < 20; ++i) {
    const auto figures = run_experiment(**find_mechanism("futex"), {64, 20ms}, watch);
    ASSERT_TRUE(figures) << figures.error().sentence;
  }
}

TEST_F(ExperimentTest, SaysWhichProcessHasDied) {
  EXPECT_EQ(error_with<die>(), (Error{Status::internal, "the answering process was killed by signal 9 (Killed)"}));
}

TEST_F(ExperimentTest, DoesNotCountAMessageThatIsLost) {
  EXPECT_EQ(error_with<lose_one>(), (Error{Status::data_loss, "message 0 came where 99 was due"}));
}

TEST_F(ExperimentTest, SaysWhatTheSystemRefused) {
  const auto error = error_with<fail_to_receive>();
  EXPECT_TRUE(is_refusal(error));
  EXPECT_THAT(error.sentence, HasSubstr("Input/output error"));
}

TEST_F(ExperimentTest, IsInterruptedByASignalThoughAProcessHangs) {
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(error_with<hang>().status, Status::cancelled);
  EXPECT_EQ(watch.interrupted_by(), SIGTERM);
}

}  // namespace
}  // namespace hubbub::ipc
