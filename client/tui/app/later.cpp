// What is to be said later: words --> the hub --> what it keeps of them, as lines.
#include <algorithm>
#include <utility>

#include "client/tui/app/app.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::tui {

namespace {

/// More are for the shell.
constexpr std::uint16_t listed_max = 50;
constexpr std::size_t text_bytes_max = 100;

std::string time_of(WallTime at) { return local_time(at, "%a %e %b %Y, %H:%M:%S"); }

std::string row_of(const proto::LaterMessage& message) {
  const auto end = std::min(message.body.bytes.find('\n'), text_bytes_max);
  const bool cut = end < message.body_bytes;
  return std::to_string(message.id.value) + "  " + time_of(message.at) + "  " + display(message.room) + "  " +
         escape_for_terminal(message.body.bytes.substr(0, end)) + (cut ? "…" : "");
}

}  // namespace

asio::awaitable<void> App::say_later(SayLater effect) {
  proto::LaterPost post;
  post.room = effect.room;
  post.at = effect.at;
  post.delay_ms = effect.delay_ms;
  post.body.bytes = std::move(effect.body);
  const auto taken = co_await link_.call(std::move(post));
  if (!taken) co_return answer(Refused{taken.error()});
  const auto number = std::to_string(taken->id.value);
  LaterAnswered said{effect.room, {"to be said on " + time_of(taken->at) + "; /later cancel " + number + " doesn't"}};
  answer(std::move(said));
}

asio::awaitable<void> App::ask_later(AskLater effect) {
  proto::LaterList question;
  question.limit = listed_max;
  const auto list = co_await link_.call(std::move(question));
  if (!list) co_return answer(Refused{list.error()});
  LaterAnswered shown{effect.room, {}};
  for (const auto& message : list->messages) shown.lines.push_back(row_of(message));
  if (list->more) shown.lines.emplace_back("… and more: hubbub later lists all");
  if (shown.lines.empty()) shown.lines.emplace_back("nothing of yours waits to be said");
  answer(std::move(shown));
}

asio::awaitable<void> App::cancel_later(CancelLater effect) {
  proto::LaterCancel question;
  question.id = effect.id;
  const auto done = co_await link_.call(std::move(question));
  if (!done) co_return answer(Refused{done.error()});
  LaterAnswered cancelled{effect.room, {std::to_string(effect.id.value) + " won't be said"}};
  answer(std::move(cancelled));
}

}  // namespace hubbub::tui
