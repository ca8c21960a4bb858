#include "client/cli/amending.hpp"

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/replying.hpp"

namespace hubbub::cli {

namespace {

std::string about_another(Seq seq, Seq target) {
  const auto it = std::to_string(target.value);
  return "message " + std::to_string(seq.value) + " only says something about message " + it + "; name " + it +
         " instead";
}

}  // namespace

asio::awaitable<Result<link::Message>> read_target(Shell& shell, RoomName room, Seq seq) {
  auto message = co_await read_message(shell, room, seq);
  if (!message) co_return message;
  if (message->erased)
    co_return fail(Status::not_found, "message " + std::to_string(seq.value) + " of " + display(room) + " was erased");
  if (const auto amendment = link::amendment_of(*message))
    co_return fail(Status::failed_precondition, about_another(seq, amendment->target));
  co_return message;
}

asio::awaitable<int> amend(Shell& shell, RoomName room, link::Amendment amendment, std::string body) {
  auto message = link::amending(room, amendment);
  message.body = std::move(body);
  if (const auto good = proto::check_outgoing(message.kind, message.headers, message.body); !good)
    co_return shell.complain(good.error());
  const auto receipt = co_await shell.link.publish(std::move(message));
  co_return receipt ? exit_code::done : shell.complain(receipt.error());
}

void Target::declare(Syntax& syntax, std::string_view help) {
  syntax.operand({"ROOM", "the room", store(room), Hint::room});
  syntax.operand({"SEQ", help, store(number, 1)});
}

}  // namespace hubbub::cli
