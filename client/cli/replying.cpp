#include "client/cli/replying.hpp"

#include "client/cli/complain.hpp"
#include "client/link/replies.hpp"

namespace hubbub::cli {

namespace {

Error no_such_message(const RoomName& room, Seq seq, const proto::RoomHistory::Reply& page) {
  const auto name = display(room);
  const auto message = "message " + std::to_string(seq.value);
  if (page.last.value == 0) return {Status::not_found, name + " has no messages"};
  if (seq > page.last)
    return {Status::not_found, name + " has no " + message + " yet: its newest is " + std::to_string(page.last.value)};
  return {Status::not_found, "the hub no longer has " + message + " of " + name + ": what is left begins at " +
                                 std::to_string(page.first.value)};
}

bool is_away(const Error& why) {
  return why.status == Status::unavailable || why.status == Status::deadline_exceeded ||
         why.status == Status::cancelled;
}

}  // namespace

asio::awaitable<Result<link::Message>> read_message(Shell& shell, RoomName room, Seq seq) {
  proto::RoomHistory question;
  question.room = room;
  question.before = seq.next();  // of the last seq that there can be, zero: then the newest is another
  question.limit = 1;
  const auto page = co_await shell.link.call(question, shell.call_options());
  if (!page) co_return tl::unexpected(page.error());
  for (const auto& payload : page->messages)
    if (auto message = link::decode_message(room, payload.bytes); message && message->seq == seq)
      co_return *std::move(message);
  co_return tl::unexpected(no_such_message(room, seq, *page));
}

void Replying::declare(Syntax& syntax) {
  syntax.option({"--reply-to", "SEQ", "as an answer to that message of the room, into its thread", store(seq_, 1)});
}

asio::awaitable<Result<void>> Replying::address(Shell& shell, link::Outgoing& message) const {
  if (!seq_) co_return Result<void>();
  const Seq seq{*seq_};
  auto reply = link::reply_to(seq, std::nullopt);
  if (shell.link.online()) {
    const auto answered = co_await read_message(shell, message.room, seq);
    if (!answered && !is_away(answered.error())) co_return tl::unexpected(answered.error());
    if (answered) reply = link::reply_to(*answered);
  }
  link::put(reply, message.headers);
  co_return Result<void>();
}

}  // namespace hubbub::cli
