// A service and its caller in one program.
//   sum_service            offers sum, until it is killed;    hubbub call sum.add a=1 b=41
//   sum_service 1 41       calls it
#include <cstdio>
#include <cstdlib>
#include <string>

#include "client/json/service.hpp"
#include "client/link/identity.hpp"
#include "client/link/link.hpp"
#include "client/link/location.hpp"

using namespace hubbub;

namespace {

// In a program of your own this stands in a header that callers and provider share.
struct Add {
  static constexpr std::string_view name = "sum.add";
  static constexpr bool repeatable = true;
  std::int64_t a = 0, b = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(a), CEREAL_NVP(b));
  }
  struct Reply {
    std::int64_t sum = 0;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(sum));
    }
  };
};

asio::awaitable<Result<Add::Reply>> add(Add add, link::Invocation) {
  Add::Reply reply;
  if (__builtin_add_overflow(add.a, add.b, &reply.sum)) co_return fail(Status::out_of_range, "that is too much");
  co_return reply;
}

asio::awaitable<Result<void>> offer(link::Link& link, json::Service& sum) {
  const auto welcome = co_await link.connect();
  if (!welcome) co_return tl::unexpected(welcome.error());
  const auto offered = co_await sum.offer();
  if (!offered) co_return tl::unexpected(offered.error());
  std::printf("sum is offered; try: hubbub call sum.add a=1 b=41\n");
  while (true) {
    const auto event = co_await link.next();
    if (const auto* closed = std::get_if<link::Closed>(&event)) co_return tl::unexpected(closed->why);
  }
}

asio::awaitable<Result<void>> call(link::Link& link, Add question) {
  const auto welcome = co_await link.connect();
  if (!welcome) co_return tl::unexpected(welcome.error());
  const auto reply = co_await json::call(link, question);
  if (!reply) co_return tl::unexpected(reply.error());
  std::printf("%lld\n", static_cast<long long>(reply->sum));
  co_return Result<void>{};
}

int fail_with(const Error& why) {
  std::fprintf(stderr, "sum_service: %s\n", why.sentence.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto location = link::locate("", argc > 2 ? "" : "sum");
  if (!location) return fail_with(location.error());
  link::Options options;
  options.hub = location->hub;
  options.name = location->name.str();
  options.program = "sum_service";
  options.owner = link::identity().owner;

  asio::io_context loop(1);
  link::Link link(loop, options);
  json::Service sum(loop, link, "sum");
  sum.on<Add>(add);
  int code = 0;
  const auto ended = [&](std::exception_ptr problem, Result<void> how) {
    if (problem) std::rethrow_exception(problem);
    code = how ? 0 : fail_with(how.error());
    loop.stop();
  };
  if (argc > 2)
    asio::co_spawn(loop, call(link, Add{std::strtoll(argv[1], nullptr, 10), std::strtoll(argv[2], nullptr, 10)}),
                   ended);
  else
    asio::co_spawn(loop, offer(link, sum), ended);
  loop.run();
  return code;
}
