#include "client/cli/traced.hpp"

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/replying.hpp"

namespace hubbub::cli {

asio::awaitable<std::vector<Hop>> trace_path(Shell& shell, link::Message message) {
  const proto::RoomTrace question{message.room, message.seq};
  const auto hub = co_await shell.link.call(question, shell.call_options());
  if (!hub) note("the hub's part of it is missing: " + hub.error().sentence);
  co_return path_of(link::stamps_of(message.headers), hub ? std::optional(*hub) : std::nullopt);
}

asio::awaitable<Result<void>> show_way_out(Shell& shell, RoomName room, Seq seq) {
  const auto watch = "hubbub trace " + room.str() + " shows it when it arrives";
  if (seq == Seq{}) co_return fail(Status::unavailable, "it waits for the hub; " + watch);
  const auto message = co_await read_message(shell, room, seq);
  if (!message) co_return tl::unexpected(message.error());
  const auto path = co_await trace_path(shell, *message);
  shell.out.buffer() += show_path(*message, path);
  const bool written = co_await shell.out.flush();
  if (!written) shell.stop(exit_code::input_output);
  co_return Result<void>();
}

}  // namespace hubbub::cli
