#include "client/cli/ipc/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <deque>
#include <vector>

#include "client/cli/ipc/stamp.hpp"

namespace hubbub::ipc {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Message = std::vector<std::byte>;

constexpr std::size_t bytes = 32;

Message message(Kind kind, std::uint64_t number) {
  Message made(bytes);
  stamp(made, {kind, number});
  return made;
}

/// Has these messages to be received, and nothing after them; keeps what is sent.
class Script : public End {
 public:
  explicit Script(std::deque<Message> messages) : incoming_(std::move(messages)) {}
  bool send(std::span<const std::byte> text) override {
    sent.emplace_back(text.begin(), text.end());
    return true;
  }
  bool receive(std::span<std::byte> into) override {
    if (incoming_.empty()) return errno = EPIPE, false;
    std::ranges::copy(incoming_.front(), into.begin());
    incoming_.pop_front();
    return true;
  }
  std::vector<Message> sent;

 private:
  std::deque<Message> incoming_;
};

/// Answers by itself, what is asked and nothing else; the answer to message `wrong` is that to another.
class Mirror : public End {
 public:
  explicit Mirror(std::uint64_t wrong = UINT64_MAX) : wrong_(wrong) {}
  bool send(std::span<const std::byte> text) override {
    last_.assign(text.begin(), text.end());
    ++count;
    return true;
  }
  bool receive(std::span<std::byte> into) override {
    const auto asked = *read_stamp(last_);
    EXPECT_EQ(asked.kind, Kind::ask);
    stamp(into, asked.number == wrong_ ? Stamp{Kind::ask, asked.number - 1} : asked);
    return true;
  }
  [[nodiscard]] Stamp last() const { return *read_stamp(last_); }
  std::uint64_t count = 0;

 private:
  std::uint64_t wrong_;
  Message last_;
};

std::string complaint(std::deque<Message> messages) {
  Script script(std::move(messages));
  const auto answered = answer(script, bytes);
  return answered ? "" : answered.error().sentence;
}

TEST(Answer, SendsBackWhatIsAskedAndSwallowsWhatIsTold) {
  Script script({message(Kind::ask, 0), message(Kind::tell, 1), message(Kind::ask, 2), message(Kind::end, 3)});
  EXPECT_TRUE(answer(script, bytes));
  EXPECT_THAT(script.sent, testing::ElementsAre(message(Kind::ask, 0), message(Kind::ask, 2)));
}

TEST(Answer, NoticesWhatIsLostRepeatedOrTorn) {
  EXPECT_EQ(complaint({message(Kind::tell, 0), message(Kind::tell, 2)}), "message 2 came where 1 was due");
  EXPECT_EQ(complaint({message(Kind::tell, 0), message(Kind::tell, 0)}), "message 0 came where 1 was due");
  auto torn = message(Kind::tell, 0);
  torn.back() = std::byte{1};
  EXPECT_EQ(complaint({torn}), "message 0 came torn");
}

TEST(Answer, SaysThatNothingComesAnyMore) {
  EXPECT_THAT(complaint({message(Kind::tell, 0)}), HasSubstr("can't receive a message"));
}

TEST(Ask, MeasuresEnoughRoundTripsHoweverShortTheTime) {
  Mirror mirror;
  const auto figures = ask(mirror, {bytes, 0ms});
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->round_trips, round_trips_min);
  EXPECT_GT(figures->messages, 0U);
  EXPECT_GT(figures->took, 0ns);
  EXPECT_LE(figures->p50, figures->p99);
  EXPECT_EQ(figures->message_bytes, bytes);
}

TEST(Ask, GivesUpWhereTooFewRoundTripsComeInTheTime) {
  Mirror mirror;
  const auto figures = ask(mirror, {bytes, 0ms, 0ms});
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().status, Status::unavailable);
  EXPECT_THAT(figures.error().sentence, HasSubstr("round trips: the machine is too busy"));
}

TEST(Ask, EndsTheConversationWithoutAGapInTheNumbers) {
  Mirror mirror;
  ASSERT_TRUE(ask(mirror, {bytes, 1ms}));
  EXPECT_EQ(mirror.last(), (Stamp{Kind::end, mirror.count - 1}));
}

TEST(Ask, NoticesAnAnswerToSomethingElse) {
  Mirror mirror(42);
  const auto figures = ask(mirror, {bytes, 1ms});
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error(), (Error{Status::data_loss, "message 41 came where 42 was due"}));
}

}  // namespace
}  // namespace hubbub::ipc
