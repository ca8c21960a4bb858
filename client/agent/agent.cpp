#include "client/agent/agent.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "client/agent/agent_impl.hpp"
#include "client/agent/surface.hpp"
#include "client/link/outbox/outboxes.hpp"
#include "client/link/places.hpp"
#include "common/descriptor_limit.hpp"
#include "common/log.hpp"
#include "common/spare_memory.hpp"

namespace hubbub::agent {

namespace {

/// For what was said to be acknowledged, at the end; what isn't stays in the spool.
constexpr std::chrono::milliseconds drain_time{2000};
/// For programs to take what is still owed to them.
constexpr std::chrono::milliseconds last_words_time{500};
constexpr std::chrono::milliseconds last_words_step{5};
/// How often the agent looks whether its folder is still there, and whether it has memory to give back: what only its
/// start needed, and what slow readers were owed who have gone.
constexpr std::chrono::seconds place_interval{2};

/// How long whoever has started the agent waits for the doors of the user's rooms, where the hub isn't there at once.
constexpr std::chrono::milliseconds doors_time{1000};

constexpr int first_inherited = 3;  // SD_LISTEN_FDS_START

/// One socket, if a service manager has started this process for it.
std::optional<int> inherited_socket() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  const bool ours = pid != nullptr && count != nullptr && std::to_string(::getpid()) == pid && std::atoi(count) >= 1;
  return ours ? std::optional(first_inherited) : std::nullopt;
}

Result<AgentConfig> read_config() {
  const auto path = link::config_file("config.toml");
  return path ? read_agent_config(*path) : AgentConfig{};
}

void tell_ready(int& descriptor, std::string_view text) {
  if (descriptor < 0) return;
  if (::write(descriptor, text.data(), text.size()) < 0) log::debug("nobody waits for the agent to be ready");
  ::close(std::exchange(descriptor, -1));
}

int refuse(Options& options, const Error& why) {
  log::error("the agent can't start", {{"why", why.sentence}});
  tell_ready(options.ready, why.sentence);
  return why.status == Status::already_exists ? 75 : 69;  // EX_TEMPFAIL, EX_UNAVAILABLE
}

}  // namespace

Agent::Agent(Options options, AgentLock& lock, std::shared_ptr<link::Outbox> outbox)
    : options_(std::move(options)),
      lock_(lock),
      outbox_(std::move(outbox)),
      link_(loop_, options_.link),
      sending_(loop_, link_),
      switchboard_(loop_, link_, [this] { take_events(); }),
      ring_(loop_, switchboard_),
      own_rooms_(loop_, link_, switchboard_),
      core_{loop_,
            link_,
            sending_,
            switchboard_,
            ring_,
            own_rooms_,
            producers_,
            read_buffer_,
            [this] { return welcome(); },
            [this] { return status(); },
            [this] { return show_outbox(); },
            [this] { stop(); },
            [this](int pid, int signal, PokeSet on) { return doors_.poke(pid, signal, on); }},
      doors_(core_, options_.place, options_.link.hub),
      server_(core_),
      notifier_(Notifier::from_environment()),
      place_timer_(loop_),
      beat_(loop_),
      ready_timer_(loop_) {}

Result<void> Agent::start() {
  auto good = signals_.start(loop_, {SIGTERM, SIGINT, SIGHUP}, [this](const Signal& signal) { on_signal(signal); });
  if (!good) return good;
  if (const auto inherited = inherited_socket())
    server_.inherit(*inherited, options_.place.socket());
  else if (auto listening = server_.listen(options_.place.socket()); !listening)
    return listening;
  if (auto written = lock_.write(options_.link.name, options_.link.hub.str()); !written) return written;
  own_rooms_.set_self(PersonName::literal(options_.link.name));
  const auto config = read_config();
  if (!config) return tl::unexpected(config.error());
  doors_.open(*config);
  keep_beating();
  link_.connect_in_background();
  asio::co_spawn(loop_, read_hub(*this), surface);
  look_after_place();
  log::info("open for programs", {{"socket", options_.place.socket()}, {"hub", options_.link.hub.str()}});
  ready_timer_.expires_after(doors_time);
  ready_timer_.async_wait([this](std::error_code) { tell_ready(options_.ready, "\n"); });
  own_rooms_.on_listed([this] { ready_timer_.cancel(); });
  notifier_.ready();
  return {};
}

int Agent::run() {
  loop_.run();
  return code_;
}

// ── the hub ──────────────────────────────────────────────────────────────────────────────────────────────────────────

asio::awaitable<void> Agent::read_hub(Agent& self) {
  while (true) {
    const auto incoming = co_await self.link_.next();
    self.apply(incoming);
    if (std::holds_alternative<link::Closed>(incoming)) break;
  }
}

void Agent::take_events() {
  while (const auto incoming = link_.try_next()) {
    apply(*incoming);
    if (std::holds_alternative<link::Closed>(*incoming)) break;
  }
}

void Agent::apply(const link::Incoming& incoming) {
  std::visit([this](const auto& one) { on(one); }, incoming);
}

void Agent::on(const link::Online& online) {
  switchboard_.apply(online);
  hub_trouble_.clear();
  log::info("the hub is there", {{"hub", options_.link.hub.str()}, {"name", online.welcome.name.str()}});
  notifier_.status("connected to " + options_.link.hub.str() + " as " + online.welcome.name.str());
  own_rooms_.set_self(online.welcome.name);
  own_rooms_.reconnected();
  doors_.set_connection(BoardConnection::online);
  if (!std::exchange(sending_left_, true)) asio::co_spawn(loop_, send_left(*this), surface);
  const bool other = told_ && (told_->life != online.welcome.life || told_->store != online.welcome.store);
  if (other) server_.end_wire_sessions("the hub was restarted");
}

/// What programs that have ended left in outboxes of their own. Others have theirs, and send what is in it.
asio::awaitable<void> Agent::send_left(Agent& self) {
  const auto folder = link::outbox_folder(self.options_.link.hub, self.options_.link.name);
  for (const auto& file : folder ? link::outbox_files(*folder) : std::vector<std::string>()) {
    if (self.stopping_ || file == self.outbox_->path()) continue;
    auto outbox = link::Outbox::open(file);
    if (!outbox || (*outbox)->count() == 0) continue;
    auto options = self.options_.link;
    options.outbox = *std::move(outbox);
    link::Link link(self.loop_, std::move(options));
    self.left_ = &link;
    const auto connected = co_await link.connect();
    const auto drained = connected ? co_await link.drain() : Result<void>();
    if (!drained) log::warn("an outbox isn't empty yet", {{"file", file}, {"why", drained.error().sentence}});
    if (!self.stopping_) co_await link.close();
    self.left_ = nullptr;
  }
  self.sending_left_ = false;
}

void Agent::on(const link::Offline& offline) {
  if (hub_trouble_ != offline.why.sentence) log::warn("the hub is away", {{"why", offline.why.sentence}});
  hub_trouble_ = offline.why.sentence;
  notifier_.status("the hub is away: " + hub_trouble_);
  ready_timer_.cancel();
  doors_.set_connection(BoardConnection::offline);
  sending_.offline();
  switchboard_.offline();
}

void Agent::on(const link::Closed& closed) {
  if (stopping_) return;
  log::error("the hub will not have this agent", {{"why", closed.why.sentence}});
  code_ = 69;  // EX_UNAVAILABLE
  stop();
}

void Agent::on(const link::NotResumed& refused) {
  log::warn("the hub gives no more of a pattern for now",
            {{"pattern", refused.pattern.str()}, {"why", refused.why.sentence}});
}

proto::Welcome Agent::welcome() {
  proto::Welcome welcome;
  if (hub_trouble_.empty() && link_.online()) {
    welcome = link_.welcome();
  } else {
    welcome.life = outbox_->life();
    welcome.store = outbox_->store().value_or(StoreId{});
    welcome.frame_bytes_max = limits::frame_bytes_max;
    welcome.features.push_back(Text::literal("away"));
  }
  welcome.name = own_rooms_.self();
  told_ = welcome;
  welcome.hub = Text::literal("hubbub agent " HUBBUB_VERSION);
  welcome.features.push_back(Text::literal("agent"));
  return welcome;
}

std::string Agent::status() const {
  using Json = nlohmann::ordered_json;
  const auto up = std::chrono::steady_clock::now() - started_;
  Json status = {{"pid", ::getpid()},
                 {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(up).count()},
                 {"hub", options_.link.hub.str()},
                 {"name", own_rooms_.self().str()},
                 {"online", link_.online()}};
  if (!hub_trouble_.empty()) status["trouble"] = hub_trouble_;
  status["socket"] = options_.place.socket();
  status["spooled"] = outbox_->count();
  status["published"] = sending_.accepted();
  status["refused_late"] = sending_.refused_late();
  status["rooms"] = switchboard_.rooms_received();
  status["ring_readers"] = ring_.readers();
  status["closed_doors"] = Json::array();
  for (const auto& [door, why] : doors_.closed()) status["closed_doors"].push_back({{"door", door}, {"why", why}});
  status["programs"] = Json::array();
  for (const auto& session : server_.sessions()) {
    const auto& caller = session->caller();
    status["programs"].push_back(
        {{"pid", caller.pid}, {"uid", caller.uid}, {"program", caller.program}, {"protocol", session->protocol()}});
  }
  return status.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Agent::show_outbox() const {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const auto& one : outbox_->waiting()) {
    list.push_back({{"room", one.room}, {"messages", one.count}, {"since_ns", one.since.ns}});
    if (!one.why.empty()) list.back()["set_aside"] = one.why;
  }
  return Json{{"outbox", std::move(list)}, {"file", outbox_->path()}}.dump(-1, ' ', false,
                                                                           Json::error_handler_t::replace);
}

// ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Agent::on_signal(const Signal& signal) {
  if (signal.number == SIGHUP) return reload();
  log::info("told to stop", {{"signal", signal_name(signal.number)}});
  if (stopping_) std::_Exit(128 + signal.number);  // what isn't acknowledged is in the spool
  stop();
}

/// Nobody finds it any more, and nobody says more; what was said arrives, and is told; then each is told why it ends.
void Agent::stop() {
  if (std::exchange(stopping_, true)) return;
  notifier_.stopping();
  if (const auto cleared = lock_.clear(); !cleared) log::warn(cleared.error().sentence);
  place_timer_.cancel();
  if (left_ != nullptr) left_->abort();  // the next agent goes on with it
  server_.stop_listening();
  doors_.close([this] { asio::co_spawn(loop_, drain(*this), surface); });
}

void Agent::reload() {
  notifier_.reloading();
  const auto config = read_config();
  if (config) {
    doors_.configure(*config);
    own_rooms_.refresh();
    log::info("read the configuration again");
  } else {
    log::error("the configuration stays as it was", {{"why", config.error().sentence}});
  }
  notifier_.ready();
}

void Agent::keep_beating() {
  beat_.expires_after(std::chrono::seconds(1));
  beat_.async_wait([this](std::error_code stopped) {
    if (stopped || stopping_) return;
    doors_.beat();
    keep_beating();
  });
}

asio::awaitable<void> Agent::drain(Agent& self) {
  co_await self.link_.close(drain_time);
  self.sending_.offline();
  co_await asio::post(self.loop_, asio::use_awaitable);  // who was told so just now
  self.server_.stop();
  const auto until = std::chrono::steady_clock::now() + last_words_time;
  asio::steady_timer timer(self.loop_);
  while (!self.server_.sessions().empty() && std::chrono::steady_clock::now() < until) {
    timer.expires_after(last_words_step);
    co_await timer.async_wait(asio::use_awaitable);
  }
  log::info("stopped", {{"left_in_the_spool", self.outbox_->count()}});
  self.signals_.stop();
  self.loop_.stop();
}

void Agent::look_after_place() {
  place_timer_.expires_after(place_interval);
  place_timer_.async_wait([this](std::error_code stopped) {
    if (stopped || stopping_) return;
    const bool in_place = lock_.is_in_place() && ::access(options_.place.socket().c_str(), F_OK) == 0;
    if (auto good = in_place ? Result<void>() : come_back(); !good) {
      log::error("what lay in the agent's folder is gone", {{"why", good.error().sentence}});
      if (good.error().status == Status::already_exists) return stop();
    }
    doors_.keep_queue();
    if (server_.take_has_closed_some() || !std::exchange(tidied_, true)) let_go_of_spare_memory();
    look_after_place();
  });
}

/// A cleaner of old files may have taken the folder: without it nobody finds the agent, and a second one could start.
/// Fails with already_exists where one has.
Result<void> Agent::come_back() {
  if (auto made = link::make_agent_folder(options_.place); !made) return made;
  if (!lock_.is_in_place()) {
    auto lock = AgentLock::take(options_.place.lock());
    if (!lock) return tl::unexpected(lock.error());
    lock_ = *std::move(lock);
    if (auto written = lock_.write(options_.link.name, options_.link.hub.str()); !written) return written;
  }
  log::warn("the agent's folder was emptied; made it anew", {{"folder", options_.place.folder}});
  doors_.look();
  return server_.listen(options_.place.socket());
}

/// With the lock held.
int run_locked(Options options, AgentLock& lock) {
  const auto folder = link::outbox_folder(options.link.hub, options.link.name);
  auto outbox = folder ? link::take_outbox(*folder) : tl::unexpected(folder.error());
  if (!outbox) return refuse(options, outbox.error());
  options.link.outbox = *outbox;
  options.link.hop = "agent";
  Agent agent(options, lock, *std::move(outbox));
  if (auto started = agent.start(); !started) return refuse(options, started.error());
  return agent.run();
}

int run_agent(Options options) {
  log::configure(log::Level::info, log::Format::text);
  block_signals({SIGTERM, SIGINT, SIGHUP});
  std::signal(SIGCHLD, SIG_DFL);  // whoever started this may ignore it, and then nobody could tell how a hook ended
  raise_descriptor_limit();
  if (options.ready >= 0) ::fcntl(options.ready, F_SETFD, FD_CLOEXEC);
  if (auto made = link::make_agent_folder(options.place); !made) return refuse(options, made.error());
  auto lock = AgentLock::take(options.place.lock());
  if (!lock) return refuse(options, lock.error());
  const int code = run_locked(std::move(options), *lock);
  lock->remove();  // last: whoever comes next finds the spool let go
  return code;
}

}  // namespace hubbub::agent
