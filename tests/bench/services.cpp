#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "client/link/link.hpp"
#include "tests/bench/percentile.hpp"
#include "tests/bench/services_workload.hpp"

namespace hubbub::bench {

namespace {

constexpr std::size_t warm_up_calls = 200;
constexpr double start_deadline_s = 20;
/// Answers each line by its id, and waits for nothing: what a call costs is the way there and back.
constexpr const char* answering = R"(sed -u 's/^{"id":\([0-9]*\).*/{"id":\1,"result":1}/')";

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Failed(result.error().sentence);
  return *std::move(result);
}

link::Options options_for(const Server& server, const std::string& name) {
  link::Options options;
  options.hub = value_of(Address::parse("tcp://127.0.0.1:" + std::to_string(server.port())));
  options.name = name;
  options.program = "hubbub_bench";
  return options;
}

/// Runs until `work` is done; what it throws is thrown here.
void run(asio::io_context& loop, asio::awaitable<void> work) {
  std::exception_ptr problem;
  bool done = false;
  asio::co_spawn(loop, std::move(work), [&](std::exception_ptr what) {
    problem = what;
    done = true;
    loop.stop();
  });
  loop.restart();
  loop.run();
  if (problem) std::rethrow_exception(problem);
  if (!done) throw Failed("the loop ran dry");
}

/// `hubbub serve NAME --lines …`, gone with this.
class ServingCommand {
 public:
  ServingCommand(const Lab& lab, const Server& server) : folder_(lab.paths.data) {
    const auto ready = folder_.path() + "/ready";
    const auto hub = "tcp://127.0.0.1:" + std::to_string(server.port());
    start({"hubbub", "--hub", hub, "--name", "bench", "serve", "bench.lines", "--lines", answering, "--ready-file",
           ready});
    const auto begin = Clock::now();
    while (!std::filesystem::exists(ready)) {
      if (seconds_since(begin) > start_deadline_s) throw Failed("hubbub serve doesn't start");
      ::usleep(2000);
    }
  }
  ~ServingCommand() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  ServingCommand(const ServingCommand&) = delete;
  ServingCommand& operator=(const ServingCommand&) = delete;

 private:
  void start(std::vector<std::string> words) {
    std::vector<std::string> variables = {"XDG_STATE_HOME=" + folder_.path(), "XDG_CONFIG_HOME=" + folder_.path(),
                                          "PATH=/usr/bin:/bin"};
    std::vector<char*> arguments, environment;
    for (auto& word : words) arguments.push_back(word.data());
    for (auto& variable : variables) environment.push_back(variable.data());
    arguments.push_back(nullptr);
    environment.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const auto program = sibling("hubbub");
    const int failed = ::posix_spawn(&pid_, program.c_str(), &files, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) throw Failed("can't start " + program);
  }

  Folder folder_;
  pid_t pid_ = -1;
};

asio::awaitable<void> call_one_by_one(link::Link& link, std::size_t calls, std::vector<double>& samples_us) {
  const auto welcome = co_await link.connect();
  if (!welcome) throw Failed(welcome.error().sentence);
  const auto method = MethodName::literal("bench.lines.go");
  for (std::size_t i = 0; i < warm_up_calls + calls; ++i) {
    const auto begin = Clock::now();
    const auto reply = co_await link.call_service(method, "{}");
    if (!reply) throw Failed(reply.error().sentence);
    if (i >= warm_up_calls) samples_us.push_back(seconds_since(begin) * 1e6);
  }
}

asio::awaitable<void> subscribe_to(link::Link& link, const char* room) {
  const auto welcome = co_await link.connect();
  if (!welcome) throw Failed(welcome.error().sentence);
  link::Subscription subscription;
  subscription.pattern = Pattern::literal(room);
  const auto subscribed = co_await link.subscribe(subscription);
  if (!subscribed) throw Failed(subscribed.error().sentence);
}

asio::awaitable<void> say_into(link::Link& link, const char* room) {
  link::Outgoing message;
  message.room = RoomName::literal(room);
  message.body = "{}";
  const auto said = co_await link.publish_soon(message);
  if (!said) throw Failed(said.error().sentence);
}

asio::awaitable<void> wait_for_message(link::Link& link) {
  while (true) {
    const auto event = co_await link.next();
    if (std::holds_alternative<link::Message>(event)) co_return;
    if (std::holds_alternative<link::Closed>(event)) throw Failed("the hub closed a connection");
  }
}

asio::awaitable<void> ping(link::Link& link, std::size_t rounds, std::vector<double>& samples_us) {
  for (std::size_t i = 0; i < warm_up_calls + rounds; ++i) {
    const auto begin = Clock::now();
    co_await say_into(link, "bench.ping");
    co_await wait_for_message(link);
    if (i >= warm_up_calls) samples_us.push_back(seconds_since(begin) * 1e6);
  }
}

asio::awaitable<void> pong(link::Link& link, std::size_t rounds) {
  for (std::size_t i = 0; i < warm_up_calls + rounds; ++i) {
    co_await wait_for_message(link);
    co_await say_into(link, "bench.pong");
  }
  const auto drained = co_await link.drain();  // the last one is on its way, too
  if (!drained) throw Failed(drained.error().sentence);
}

double ping_pong_p50_us(const Server& server, std::size_t rounds) {
  asio::io_context here(1), there(1);
  link::Link one(here, options_for(server, "ping")), other(there, options_for(server, "pong"));
  run(there, subscribe_to(other, "bench.ping"));
  run(here, subscribe_to(one, "bench.pong"));
  std::exception_ptr here_failed, there_failed;
  const auto work = [](asio::io_context& loop, asio::awaitable<void> what, asio::io_context& others_loop,
                       link::Link& other_link, std::exception_ptr& failed) {
    try {
      run(loop, std::move(what));
    } catch (...) {
      failed = std::current_exception();
      asio::post(others_loop, [&other_link] { other_link.abort(); });  // which waits for us
    }
  };
  std::vector<double> samples_us;
  std::thread echo([&] { work(there, pong(other, rounds), here, one, there_failed); });
  work(here, ping(one, rounds, samples_us), there, other, here_failed);
  echo.join();
  for (const auto& failed : {there_failed, here_failed})
    if (failed) std::rethrow_exception(failed);
  return percentile(samples_us, 0.5);
}

/// Programs that answer at once, on a thread of their own.
class Providers {
 public:
  Providers(const Server& server, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      links_.push_back(std::make_unique<link::Link>(loop_, options_for(server, "provider" + std::to_string(i))));
    for (const auto& link : links_) run(loop_, offer(*link));
    thread_ = std::thread([this] {
      const auto work = asio::make_work_guard(loop_);
      loop_.restart();
      loop_.run();
    });
  }
  ~Providers() {
    asio::post(loop_, [this] { loop_.stop(); });
    thread_.join();
  }
  Providers(const Providers&) = delete;
  Providers& operator=(const Providers&) = delete;

 private:
  static asio::awaitable<void> offer(link::Link& link) {
    const auto welcome = co_await link.connect();
    if (!welcome) throw Failed(welcome.error().sentence);
    proto::ServiceOffer what;
    what.service = MethodName::literal("bench.quick");
    what.at_once = 1024;
    link::OfferHandlers handlers;
    handlers.invoked = [&link](const link::Invocation& call) { link.answer(call.id, Status::ok, "1"); };
    const auto offered = co_await link.offer(what, handlers);
    if (!offered) throw Failed(offered.error().sentence);
  }

  asio::io_context loop_{1};
  std::vector<std::unique_ptr<link::Link>> links_;
  std::thread thread_;
};

struct Race {
  std::size_t left = 0;
  std::size_t running = 0;
};

asio::awaitable<void> call_in_turn(link::Link& link, Race& race) {
  const auto method = MethodName::literal("bench.quick.go");
  while (race.left > 0) {
    --race.left;
    const auto reply = co_await link.call_service(method, "{}");
    if (!reply) throw Failed(reply.error().sentence);
  }
  --race.running;
}

double calls_per_s(const Server& server, const ServicesLoad& sizes) {
  const Providers providers(server, sizes.providers);
  asio::io_context loop(1);
  std::vector<std::unique_ptr<link::Link>> links;
  for (std::size_t i = 0; i < sizes.callers; ++i) {
    links.push_back(std::make_unique<link::Link>(loop, options_for(server, "caller" + std::to_string(i))));
    run(loop, subscribe_to(*links.back(), "bench.none"));
  }
  Race race{sizes.calls_max, sizes.callers * sizes.under_way};
  std::exception_ptr problem;
  const auto ended = [&](std::exception_ptr what) {
    if (what) problem = what;
    if (what || race.running == 0) loop.stop();
  };
  const auto begin = Clock::now();
  for (const auto& link : links)
    for (std::size_t i = 0; i < sizes.under_way; ++i) asio::co_spawn(loop, call_in_turn(*link, race), ended);
  loop.restart();
  loop.run();
  if (problem) std::rethrow_exception(problem);
  return static_cast<double>(sizes.calls_max) / seconds_since(begin);
}

}  // namespace

Metrics run_services(const Lab& lab, const Contender& contender, const ServicesLoad& sizes) {
  const Server server(contender, lab.paths, lab.cores);
  std::vector<double> samples_us;
  {
    const ServingCommand serving(lab, server);
    asio::io_context loop(1);
    link::Link link(loop, options_for(server, "caller"));
    run(loop, call_one_by_one(link, sizes.calls, samples_us));
  }
  const auto call_us = percentile(samples_us, 0.5);
  const auto ping_pong_us = ping_pong_p50_us(server, sizes.calls);
  return {{"call_p50_us", call_us},
          {"ping_pong_p50_us", ping_pong_us},
          {"call_to_ping_pong", call_us / ping_pong_us},
          {"calls_per_s", calls_per_s(server, sizes)}};
}

}  // namespace hubbub::bench
