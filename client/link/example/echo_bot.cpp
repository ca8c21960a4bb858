// A bot in 60 lines: sits in a room, and answers whoever writes "echo: something".
//   echo_bot [ROOM] [HUB]        echo_bot lobby tcp://127.0.0.1:4848
#include <cstdio>
#include <string>
#include <variant>

#include "client/link/identity.hpp"
#include "client/link/link.hpp"
#include "client/link/location.hpp"

using namespace hubbub;

namespace {

constexpr std::string_view asked = "echo: ";

asio::awaitable<Result<void>> serve(link::Link& link, RoomName room) {
  const auto welcome = co_await link.connect();
  if (!welcome) co_return tl::unexpected(welcome.error());
  std::printf("here as %s; write \"echo: hello\" in %s\n", welcome->name.str().c_str(), display(room).c_str());

  link::Subscription subscription;
  subscription.pattern = Pattern::literal(room.str());
  const auto subscribed = co_await link.subscribe(subscription);
  if (!subscribed) co_return tl::unexpected(subscribed.error());

  while (true) {
    const auto event = co_await link.next();
    if (const auto* closed = std::get_if<link::Closed>(&event)) co_return tl::unexpected(closed->why);
    if (const auto* offline = std::get_if<link::Offline>(&event)) std::printf("%s\n", offline->why.sentence.c_str());
    const auto* message = std::get_if<link::Message>(&event);
    if (message == nullptr || !message->body.starts_with(asked)) continue;
    link::Outgoing answer;
    answer.room = message->room;
    answer.kind = proto::Kind::notice;  // which other bots don't answer
    answer.body = message->from.str() + " said " + message->body.substr(asked.size());
    const auto said = co_await link.publish(answer);
    if (!said) co_return tl::unexpected(said.error());
  }
}

int fail_with(const Error& why) {
  std::fprintf(stderr, "echo_bot: %s\n", why.sentence.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto room = parse_room_argument(argc > 1 ? argv[1] : "lobby");
  if (!room) return fail_with(room.error());
  const auto location = link::locate(argc > 2 ? argv[2] : "", "echo-bot");
  if (!location) return fail_with(location.error());

  link::Options options;
  options.hub = location->hub;
  options.name = location->name.str();
  options.program = "echo_bot";
  options.owner = link::identity().owner;

  asio::io_context loop;
  link::Link link(loop, options);
  int status = 0;
  auto done = [&](const std::exception_ptr& thrown, const Result<void>& outcome) {
    if (thrown) std::rethrow_exception(thrown);
    if (!outcome) status = fail_with(outcome.error());
    loop.stop();
  };
  asio::co_spawn(loop, serve(link, *room), done);
  loop.run();
  return status;
}
