// hubbub topic: what a room is about.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/cli/words.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::cli {

namespace {

class SetOrShowTopic : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"ROOM", "the room", store(room_), Hint::room});
    syntax.operand({"TEXT", "the new topic; words are joined by a space", append(words_), Hint::none, false, true});
    syntax.option({"--clear", "", "no topic any more", store(clear_)});
  }

  Result<void> check() override {
    if (clear_ && !words_.empty()) return fail(Status::invalid_argument, "--clear and a new topic exclude each other");
    auto topic = Topic::parse(joined(words_));
    if (!topic) return tl::unexpected(topic.error());
    topic_ = *std::move(topic);
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    if (clear_ || !words_.empty()) co_return co_await set(shell);
    co_return co_await show(shell);
  }

 private:
  asio::awaitable<int> set(Shell& shell) {
    proto::RoomSetTopic change;
    change.room = room_;
    change.topic = topic_;
    const auto done = co_await shell.link.call(change, shell.call_options());
    co_return done ? exit_code::done : shell.complain(done.error());
  }

  asio::awaitable<int> show(Shell& shell) {
    proto::RoomTopic question;
    question.room = room_;
    const auto answer = co_await shell.link.call(question, shell.call_options());
    if (!answer) co_return shell.complain(answer.error());
    auto& out = shell.out.buffer();
    if (!answer->topic.empty()) out.append(escape_for_terminal(answer->topic.str())).append("\n");
    if (stdout_is_terminal()) append_origin(*answer, out);
    co_return exit_code::done;
  }

  void append_origin(const proto::RoomTopic::Reply& answer, std::string& out) const {
    if (answer.by.empty()) return void(out.append(display(room_)).append(" has no topic\n"));
    out.append("set by ").append(escape_for_terminal(answer.by.str()));
    out.append(local_time(answer.at, " on %e %B %Y at %H:%M\n"));
  }

  RoomName room_;
  std::vector<std::string> words_;
  Topic topic_;
  bool clear_ = false;
};

constexpr std::array examples = {
    Example{"hubbub topic ops", "what is #ops about?"},
    Example{"hubbub topic ops 'on call: bob'", "from now on about this"},
    Example{"hubbub topic ops --clear", "about nothing in particular"},
};

}  // namespace

extern const Command topic_command;
const Command topic_command = {
    "topic",
    "show or set what a room is about",
    "ROOM [TEXT… | --clear]",
    "Without a text, prints the topic and on a terminal also who set it; prints nothing where there is none.",
    examples,
    make_action<SetOrShowTopic>,
};

}  // namespace hubbub::cli
