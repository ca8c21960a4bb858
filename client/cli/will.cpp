#include "client/cli/will.hpp"

namespace hubbub::cli {

namespace {

/// For the last word of a command that has been interrupted.
constexpr std::chrono::milliseconds patience{500};

Result<proto::SessionWill> parse_will(std::string_view word) {
  const auto colon = word.find(':');
  if (colon == std::string_view::npos || colon + 1 == word.size())
    return fail(Status::invalid_argument, "'" + std::string(word) + "' is not ROOM:TEXT");
  auto room = parse_room_argument(word.substr(0, colon));
  if (!room) return tl::unexpected(room.error());
  proto::SessionWill will;
  will.room = *std::move(room);
  will.kind = proto::Kind::notice;
  will.body.bytes = word.substr(colon + 1);
  if (const auto good = proto::check_outgoing(will.kind, will.headers, will.body.bytes); !good)
    return tl::unexpected(good.error());
  return will;
}

}  // namespace

void WillOption::declare(Syntax& syntax) {
  syntax.option({"--will", "ROOM:TEXT", "have the hub say TEXT there if this vanishes without a good-bye",
                 [this](std::string_view word) -> Result<void> {
                   auto will = parse_will(word);
                   if (!will) return tl::unexpected(will.error());
                   will_ = *std::move(will);
                   return {};
                 }});
}

asio::awaitable<Result<void>> WillOption::leave(Shell& shell) const {
  if (!will_) co_return Result<void>();
  const auto left = co_await shell.link.call(*will_, shell.call_options());
  if (!left) co_return tl::unexpected(left.error());
  co_return Result<void>();
}

asio::awaitable<void> WillOption::take_back(Shell& shell) const {
  if (!will_ || !shell.link.online()) co_return;
  proto::SessionWill none;
  none.leave = false;
  none.room = will_->room;
  const link::CallOptions options{patience};
  co_await shell.link.call(none, options);
}

}  // namespace hubbub::cli
