// hubbub away: gone for a while, and back.
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/words.hpp"

namespace hubbub::cli {

namespace {

class Away : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"TEXT", "why you are away; nothing: you are back", append(words_), Hint::none, false, true});
  }

  Result<void> check() override {
    auto text = AwayText::parse(joined(words_));
    if (!text) return tl::unexpected(text.error());
    text_ = *std::move(text);
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    proto::PeopleAway away;
    away.text = text_;
    const auto done = co_await shell.link.call(away, shell.call_options());
    co_return done ? exit_code::done : shell.complain(done.error());
  }

 private:
  std::vector<std::string> words_;
  AwayText text_;
};

constexpr std::array examples = {
    Example{"hubbub away lunch", "shown to everybody who asks for you"},
    Example{"hubbub away", "back again"},
};

}  // namespace

extern const Command away_command;
const Command away_command = {
    "away",
    "say that you are away and why, or back",
    "[TEXT…]",
    "Concerns you as a person, in every session of yours: say it from a script, and your terminal client shows it.",
    examples,
    make_action<Away>,
};

}  // namespace hubbub::cli
