#include "client/agent/queue.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/support/loop.hpp"
#include "tests/unit/common/in_a_child.hpp"

namespace hubbub::agent {
namespace {

using test::run_until;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr uid_t somebody_else = 65534;

std::string parsed(std::string_view bytes) {
  const auto message = parse_queued(bytes);
  return message ? display(message->room) + "|" + message->body : message.error().sentence;
}

TEST(QueuedMessage, IsTheRoomAndThenTheBody) {
  EXPECT_EQ(parsed("ops disk full"), "#ops|disk full");
  EXPECT_EQ(parsed("#ops disk full"), "#ops|disk full");
  EXPECT_EQ(parsed("@bob\ntwo\nlines\n"), "@bob|two\nlines\n");
  EXPECT_EQ(parsed(std::string_view("ops from C\0", 11)), "#ops|from C");
  EXPECT_EQ(parsed("ops  x"), "#ops| x");
}

TEST(QueuedMessage, IsRefusedIfItIsNone) {
  EXPECT_EQ(parsed("ops"), "there is no text behind the room #ops");
  EXPECT_EQ(parsed("ops "), "there is no text behind the room #ops");
  EXPECT_FALSE(parse_queued(""));
  EXPECT_FALSE(parse_queued("No Room"));
  EXPECT_FALSE(parse_queued("\x1b[2J\xff x"));
  EXPECT_FALSE(parse_queued(std::string(8192, 'x')));
}

TEST(QueueLevel, IsByTens) {
  EXPECT_EQ(level_of(0), Level::normal);
  EXPECT_EQ(level_of(9), Level::normal);
  EXPECT_EQ(level_of(10), Level::high);
  EXPECT_EQ(level_of(19), Level::high);
  EXPECT_EQ(level_of(20), Level::alarm);
  EXPECT_EQ(level_of(32767), Level::alarm);
  EXPECT_EQ(level_of(priority_of(Level::alarm)), Level::alarm);
}

class QueueTest : public testing::Test {
 protected:
  ~QueueTest() override {
    queue.reset();
    ::mq_unlink(name.c_str());
  }

  Result<void> starts() {
    Queue::Options options;
    options.name = name;
    options.wanted = {10, 1024};
    options.look_after_every = std::chrono::milliseconds(10);
    queue.emplace(loop, options,
                  Queue::Events{[this](const Queued& message, Level level) {
                                  taken.push_back(display(message.room) + " " + message.body + " " +
                                                  std::string(level_names[static_cast<std::size_t>(level)]));
                                },
                                [this](std::string sentence) { notes.push_back(std::move(sentence)); }});
    return queue->start();
  }
  [[nodiscard]] std::string sends(std::string_view bytes, unsigned priority = 0) const {
    const auto sent = send_to_queue(name, bytes, priority);
    return sent ? "sent" : sent.error().sentence;
  }
  bool takes(std::size_t count) {
    return run_until(loop, [=, this] { return taken.size() >= count; });
  }
  bool notes_something() {
    return run_until(loop, [this] { return !notes.empty(); });
  }
  [[nodiscard]] mqd_t make_another(mode_t mode = 0600) const {
    mq_attr attributes{};
    attributes.mq_maxmsg = 5;
    attributes.mq_msgsize = 64;
    return ::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, mode, &attributes);
  }
  /// What happens in it is another user's doing. False: this test can't, not being root.
  bool as_somebody_else(const std::function<void()>& act) const {
    if (::geteuid() != 0) return false;
    return in_a_child([&](int) {
             if (::setresuid(somebody_else, somebody_else, somebody_else) != 0) ::_exit(1);
             act();
           }) == "exit 0";
  }

  std::string name = "/hubbub-test-" + std::to_string(::getpid()) + "-in";
  asio::io_context loop;
  std::vector<std::string> taken, notes;
  std::optional<Queue> queue;
};

TEST_F(QueueTest, GivesAnAlarmBeforeAllThatCameBeforeIt) {
  ASSERT_TRUE(starts());
  EXPECT_EQ(sends("ops chatter"), "sent");
  EXPECT_EQ(sends("ops more chatter", 9), "sent");
  EXPECT_EQ(sends("ops disk full", 25), "sent");
  EXPECT_EQ(sends("ops disk fills", 10), "sent");
  ASSERT_TRUE(takes(4));
  EXPECT_THAT(taken, ElementsAre("#ops disk full alarm", "#ops disk fills high", "#ops more chatter normal",
                                 "#ops chatter normal"));
}

TEST_F(QueueTest, TellsTheAttributesThatItReallyHas) {
  ASSERT_TRUE(starts());
  EXPECT_EQ(queue->attributes().messages, 10);
  EXPECT_EQ(queue->attributes().message_bytes, 1024);
  struct stat about {};
  EXPECT_EQ(::fstat(queue->descriptor(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(QueueTest, ThatIsFullIsTheSendersToHearOf) {
  ASSERT_TRUE(starts());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sends("ops x"), "sent");
  EXPECT_EQ(sends("ops one more", 31), "the queue " + name + " is full; try again later");
  EXPECT_EQ(send_to_queue(name, "ops x", 0).error().status, Status::resource_exhausted);
  ASSERT_TRUE(takes(10));
  EXPECT_EQ(sends("ops x"), "sent");
}

TEST_F(QueueTest, FillsUpWhileItIsPaused) {
  ASSERT_TRUE(starts());
  EXPECT_EQ(sends("ops first"), "sent");
  ASSERT_TRUE(takes(1));
  queue->pause();
  for (int i = 0; i < 20; ++i) (void)sends("ops x");
  loop.run_for(std::chrono::milliseconds(20));
  EXPECT_LE(taken.size(), 11u);
  EXPECT_THAT(sends("ops x"), HasSubstr("is full"));
  const auto before = taken.size();
  queue->resume();
  ASSERT_TRUE(takes(before + 1));
}

TEST_F(QueueTest, NotesWhatIsNoMessageAndGoesOn) {
  ASSERT_TRUE(starts());
  EXPECT_EQ(sends("\xff\x1b[2J"), "sent");
  EXPECT_EQ(sends("ops good"), "sent");
  EXPECT_EQ(sends(std::string(2000, 'x')), "the queue " + name + " takes at most 1024 bytes a message");
  ASSERT_TRUE(takes(1));
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], HasSubstr("is left out"));
  EXPECT_EQ(notes[0].find('\x1b'), std::string::npos);
}

TEST_F(QueueTest, FirstTakesWhatAnEarlierOneHasLeft) {
  const auto old = make_another();
  ASSERT_GE(old, 0);
  ASSERT_EQ(::mq_send(old, "ops kept", 8, 20), 0);
  ::mq_close(old);
  ASSERT_TRUE(starts());
  EXPECT_EQ(sends("ops new", 31), "sent");
  ASSERT_TRUE(takes(2));
  EXPECT_THAT(taken, ElementsAre("#ops kept alarm", "#ops new alarm"));
  EXPECT_EQ(queue->attributes().messages, 10);
}

TEST_F(QueueTest, TakesItsNameAwayAtItsEnd) {
  ASSERT_TRUE(starts());
  queue.reset();
  EXPECT_EQ(sends("ops x"), "the queue " + name + " isn't there; hubbub agent makes it");
}

TEST_F(QueueTest, IsNotHeldUpByOneWhoMakesItsDescriptorBlock) {
  ASSERT_TRUE(starts());
  mq_attr blocking{};
  ASSERT_EQ(::mq_setattr(queue->descriptor(), &blocking, nullptr), 0);
  EXPECT_EQ(sends("ops x"), "sent");
  ASSERT_TRUE(takes(1));
  bool goes_on = false;
  asio::post(loop, [&] { goes_on = true; });
  EXPECT_TRUE(run_until(loop, [&] { return goes_on; }));
  queue->drain();
}

TEST_F(QueueTest, IsMadeAnewWhenItWasTakenAway) {
  ASSERT_TRUE(starts());
  EXPECT_EQ(sends("ops before"), "sent");
  ::mq_unlink(name.c_str());
  ASSERT_TRUE(notes_something());
  EXPECT_THAT(notes[0], HasSubstr("was taken away, and is made anew"));
  EXPECT_EQ(sends("ops after"), "sent");
  ASSERT_TRUE(takes(2));
  EXPECT_THAT(taken, ElementsAre("#ops before normal", "#ops after normal"));
}

TEST_F(QueueTest, ThatWasReplacedIsLeftToWhoeverDidIt) {
  ASSERT_TRUE(starts());
  ::mq_unlink(name.c_str());
  const auto other = make_another();
  ASSERT_GE(other, 0);
  ASSERT_TRUE(notes_something());
  EXPECT_THAT(notes[0], HasSubstr("was replaced by another one"));
  loop.run_for(std::chrono::milliseconds(50));
  EXPECT_THAT(notes, SizeIs(1)) << "told once";
  queue.reset();
  EXPECT_EQ(sends("ops x"), "sent") << "it is still there";
  ::mq_close(other);
}

TEST_F(QueueTest, DoesNotTakeSomebodyElsesForItsOwn) {
  if (!as_somebody_else([this] {
        if (make_another(0666) < 0) ::_exit(2);
      }))
    GTEST_SKIP() << "only root can be somebody else";
  const auto started = starts();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().status, Status::permission_denied);
  EXPECT_EQ(started.error().sentence, "the queue " + name + " belongs to somebody else");
  EXPECT_EQ(sends("ops secret"), "the queue " + name + " belongs to somebody else");
}

TEST_F(QueueTest, IsClosedToOtherUsers) {
  ASSERT_TRUE(starts());
  if (!as_somebody_else([this] {
        const auto sent = send_to_queue(name, "ops forged", 31);
        ::_exit(!sent && sent.error().status == Status::permission_denied && ::mq_unlink(name.c_str()) != 0 ? 0 : 3);
      }))
    GTEST_SKIP() << "only root can be somebody else";
  EXPECT_EQ(sends("ops x"), "sent");
}

/// In a child, whose limit it is, as a user who has no other queues: the limit is for all of a user's together.
std::string start_with_limit(const std::string& name, rlim_t bytes) {
  return in_a_child([&](int pipe) {
    const auto nobody_elses = static_cast<uid_t>(1'000'000 + ::getpid());
    if (::setresuid(nobody_elses, nobody_elses, nobody_elses) != 0) ::_exit(1);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_MSGQUEUE, &limit);
    asio::io_context loop;
    Queue::Options options;
    options.name = name;
    options.wanted = {8, 1024};
    Queue queue(loop, options, {});
    const auto started = queue.start();
    tell(pipe, started ? std::to_string(queue.attributes().messages) : started.error().sentence);
  });
}

TEST_F(QueueTest, IsSmallerWhereTheSystemAllowsNoMore) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be a user without other queues";
  EXPECT_EQ(start_with_limit(name, 100'000), "8\nexit 0");
  EXPECT_EQ(start_with_limit(name, 6'000), "4\nexit 0");
}

TEST_F(QueueTest, SaysWhoseLimitItIsIfItCannotBeMade) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be a user without other queues";
  EXPECT_THAT(start_with_limit(name, 100), HasSubstr("all that RLIMIT_MSGQUEUE allows (ulimit -q)"));
}

TEST(QueueName, IsTheUsersOrWhatTheEnvironmentSays) {
  ::unsetenv("HUBBUB_QUEUE");
  EXPECT_EQ(queue_name(), "/hubbub-" + std::to_string(::geteuid()) + "-in");
  ::setenv("HUBBUB_QUEUE", "/another", 1);
  EXPECT_EQ(queue_name(), "/another");
  ::unsetenv("HUBBUB_QUEUE");
}

}  // namespace
}  // namespace hubbub::agent
