#include "server/health.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <fstream>
#include <optional>

#include "common/escape.hpp"
#include "common/frame_reader.hpp"
#include "common/random.hpp"
#include "common/stream.hpp"
#include "proto/codec.hpp"

namespace hubbub::server {

namespace {

using Deadline = std::chrono::steady_clock::time_point;
using Socket = asio::generic::stream_protocol::socket;

std::chrono::milliseconds left_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

tl::unexpected<Error> too_late(const Address& address) {
  return fail(Status::deadline_exceeded, fmt::format("the hub at {} did not answer in time", address.str()));
}

asio::awaitable<void> connect_into(Address address, std::optional<Result<Socket>>& result) {
  result.emplace(co_await connect_to(std::move(address)));
}

Result<Socket> connect_until(asio::io_context& loop, const Address& address, Deadline deadline) {
  std::optional<Result<Socket>> result;
  asio::co_spawn(loop, connect_into(address, result), asio::detached);
  loop.run_until(deadline);
  if (!result) return too_late(address);
  return std::move(*result);
}

proto::Hello hello() {
  proto::Hello message;
  message.program = Text::literal("hubbubd --health");
  message.client = random_id<ClientId>();
  message.owner = random_id<OwnerKey>();
  return message;
}

/// What the hub answered to the Hello, once its first message is there.
std::optional<Result<std::string>> answer_in(const proto::Frame& frame) {
  const auto message = proto::decode_from_hub(frame);
  if (!message) return fail(Status::unavailable, "what answers there is not a hub, or one of another version");
  if (const auto* const welcome = std::get_if<proto::Welcome>(&*message))
    return escape_for_terminal(welcome->hub.str());
  if (const auto* const closing = std::get_if<proto::Closing>(&*message))
    return fail(Status::unavailable, escape_for_terminal(closing->sentence.str()));
  return std::nullopt;
}

/// False once the deadline has passed.
bool wait_for(int socket, short what, Deadline deadline) {
  pollfd waiting{socket, what, 0};
  return ::poll(&waiting, 1, static_cast<int>(left_until(deadline).count())) > 0;
}

Result<std::string> read_answer(Stream& stream, const Address& address, Deadline deadline) {
  FrameReader frames(limits::frame_bytes_max);
  std::array<char, 4096> buffer;
  std::optional<Result<std::string>> answer;
  while (!answer) {
    if (!wait_for(stream.native_handle(), POLLIN, deadline)) return too_late(address);
    const auto read = stream.read_some(buffer);
    if (read.status == IoStatus::would_block) continue;
    if (read.status != IoStatus::done)
      return fail(Status::unavailable,
                  fmt::format("the hub at {} closed the connection without a word", address.str()));
    const auto outcome = frames.feed({buffer.data(), read.bytes}, [&](const proto::Frame& frame) {
      answer = answer_in(frame);
      return !answer;
    });
    if (outcome == FrameReader::Outcome::frame_too_large)
      return fail(Status::unavailable, fmt::format("what answers at {} is not a hub", address.str()));
  }
  return *std::move(answer);
}

bool write_all(Stream& stream, std::string bytes, Deadline deadline) {
  for (std::size_t written = 0; written < bytes.size();) {
    const iovec rest{bytes.data() + written, bytes.size() - written};
    const auto result = stream.write_some({&rest, 1});
    if (result.status == IoStatus::would_block && wait_for(stream.native_handle(), POLLOUT, deadline)) continue;
    if (result.status != IoStatus::done) return false;
    written += result.bytes;
  }
  return true;
}

/// Leaves as a client should, so that the hub has nothing to wonder about. In vain if it has closed already.
void say_goodbye(Stream& stream, Deadline deadline) {
  std::array<char, 4096> rest;
  if (!write_all(stream, proto::encoded(proto::Goodbye{}), deadline)) return;
  while (wait_for(stream.native_handle(), POLLIN, deadline))
    if (const auto status = stream.read_some(rest).status; status != IoStatus::done && status != IoStatus::would_block)
      return;
}

/// The first line of the ready file.
Result<Address> address_in(const std::string& ready_file) {
  std::ifstream in(ready_file);
  std::string line;
  if (!std::getline(in, line))
    return fail(Status::failed_precondition,
                fmt::format("the ready file {} is not there; is the hub still starting?", ready_file));
  return Address::parse(line);
}

}  // namespace

Result<Address> health_address(const Config& config) {
  Address address = config.hub.listen.front();
  if (address.scheme == Address::Scheme::tcp && address.port == 0) {
    if (config.hub.ready_file.empty())
      return fail(Status::failed_precondition,
                  "the hub listens on any free port; give --health its URL, or both of them a --ready-file");
    auto found = address_in(config.hub.ready_file);
    if (!found) return found;
    address = *std::move(found);
  }
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

Result<std::string> check_health(const Address& address, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  asio::io_context loop;
  auto socket = connect_until(loop, address, deadline);
  if (!socket) return tl::unexpected(socket.error());
  Stream stream(*std::move(socket));
  if (!write_all(stream, proto::encoded(hello()), deadline))
    return fail(Status::unavailable, fmt::format("the hub at {} took no Hello", address.str()));
  auto answer = read_answer(stream, address, deadline);
  say_goodbye(stream, deadline);
  return answer;
}

}  // namespace hubbub::server
