#include "server/hub.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <utility>

#include "common/clock.hpp"
#include "common/listener.hpp"
#include "common/log.hpp"
#include "common/random.hpp"
#include "server/core/core.hpp"
#include "server/core/directory_outlet.hpp"
#include "server/dump/dump.hpp"
#include "server/dump/dump_child.hpp"
#include "server/dump/standstill.hpp"
#include "server/log/sqlite/data_directory.hpp"
#include "server/log/sqlite/load.hpp"
#include "server/log/sqlite/sqlite_store.hpp"
#include "server/net/doorkeeper.hpp"

namespace hubbub::server {

class Hub::Impl final : public StoreOutlet {
 public:
  explicit Impl(Config config) : config_(std::move(config)), door_(config_.limits), core_count_(cores_wanted(config_)) {
    shared_.life = random128<HubLifeTag>();
    shared_.started = std::chrono::steady_clock::now();
    shared_.on_left = [this](const std::string& host) { door_.leave(host); };
    shared_.dump = [this](std::function<void(Result<proto::HubDump::Reply>)> then) { dump(std::move(then)); };
  }

  Result<void> open() {
    std::optional<Kept> kept;
    const auto folder = data_directory(config_);
    if (!folder) return tl::unexpected(folder.error());
    if (*folder) {
      auto opened = open_store(**folder);
      if (!opened) return tl::unexpected(opened.error());
      kept = *std::move(opened);
      shared_.store = store_.get();
      shared_.store_id = kept->store;
    }
    for (unsigned i = 0; i < core_count_; ++i)
      shared_.cores.push_back(std::make_unique<Core>(i, core_count_, shared_, config_));
    outlet_ = std::make_unique<CoresOutlet>(core(0));
    directory_ = std::make_unique<Directory>(config_, *outlet_, kept ? &*kept : nullptr);
    core(0).set_directory(directory_.get());
    begin_to_tell_erased();
    drain_timer_ = std::make_unique<asio::steady_timer>(core(0).loop());
    dump_child_ = std::make_unique<DumpChild>(core(0).loop());
    return {};
  }

  Result<std::vector<Address>> listen() {
    std::vector<Address> real;
    for (const auto& address : config_.hub.listen) {
      auto listener = Listener::open(core(0).loop(), address, [this](Accepted accepted) { admit(accepted); });
      if (!listener) return tl::unexpected(listener.error());
      real.push_back((*listener)->address());
      listeners_.push_back(*std::move(listener));
    }
    return real;
  }

  void run() {
    for (unsigned i = 1; i < core_count_; ++i) threads_.emplace_back([this, i] { core(i).run(); });
    for (const auto& listener : listeners_) listener->start();
    core(0).run();
    for (auto& thread : threads_) thread.join();
  }

  Core& core(unsigned index) { return *shared_.cores[index]; }

  void reload(const Config& config) {
    config_ = config;
    door_.set_limits(config.limits);
    directory_->reconfigure(config);
    for (unsigned i = 0; i < core_count_; ++i) core(0).run_on(i, [config](Core& there) { there.reconfigure(config); });
  }

  // StoreOutlet: from the store's threads
  void run_on(unsigned index, std::function<void()> task) override {
    core(index).put(Task([task = std::move(task)](Core&) { task(); }));
  }
  void trouble(const std::string& why) override {
    const auto tell = [why](Core& there) { there.home().set_trouble(why); };
    for (unsigned i = 1; i < core_count_; ++i) core(i).put(Task(tell));
    core(0).put(Task([this, tell](Core& there) {
      tell(there);
      if (!there.home().trouble().empty()) end_sessions();
    }));
  }
  void trimmed(RoomId room, Seq first_kept) override {
    core(core(0).home_of(room)).put(Task([room, first_kept](Core& home) {
      if (auto* const here = home.home().find(room)) here->trimmed(first_kept);
    }));
  }

  void erased(RoomId room, Seq seq) override {
    const std::lock_guard lock(early_mutex_);
    if (rooms_are_made_)
      tell_erased(room, seq);
    else
      erased_early_.emplace_back(room, seq);
  }

  void dump(std::function<void(Result<proto::HubDump::Reply>)> then) {
    if (!directory_lock_)
      return then(fail(Status::failed_precondition, "this hub has no data directory to write to (hub.data)"));
    if (stopping_) return then(fail(Status::unavailable, "the hub is stopping"));
    if (dump_child_->running()) return then(fail(Status::resource_exhausted, "a dump is being written already"));
    const auto now = core(0).wall_now();
    if (auto ready = dump_child_->prepare(directory_lock_->path(), now); !ready)
      return then(tl::unexpected(ready.error()));
    const auto begun = std::chrono::steady_clock::now();
    const auto pause = fork_dump(now);
    if (!pause) return then(tl::unexpected(pause.error()));
    dump_child_->await([then = std::move(then), begun, pause = *pause](const Result<DumpChild::Written>& written) {
      if (!written) return then(tl::unexpected(written.error()));
      const auto took = std::chrono::steady_clock::now() - begun;
      const auto count = [](auto duration) { return static_cast<std::uint32_t>(duration.count()); };
      using std::chrono::duration_cast;
      log::info("dumped", {{"file", written->file},
                           {"bytes", written->bytes},
                           {"pause_us", count(duration_cast<std::chrono::microseconds>(pause))}});
      then(proto::HubDump::Reply{Text::parse(written->file).value_or(Text()), written->bytes,
                                 count(duration_cast<std::chrono::microseconds>(pause)),
                                 count(duration_cast<std::chrono::milliseconds>(took))});
    });
  }

  /// Returns for how long the cores stood still.
  Result<std::chrono::nanoseconds> fork_dump(WallTime now) {
    const auto still = std::make_shared<Standstill>(core_count_ - 1);
    for (unsigned i = 1; i < core_count_; ++i) core(0).run_on(i, [still](Core&) { still->stand(); });
    still->wait_for_others();
    const auto started = dump_child_->start([&](JsonWriter& json) { write_dump(json, shared_, *directory_, now); });
    const auto stood = still->release();
    if (!started) return tl::unexpected(started.error());
    return stood;
  }

  void stop() {
    if (std::exchange(stopping_, true)) return;
    for (const auto& listener : listeners_) listener->close();
    directory_->stop();
    drain_timer_->expires_after(std::chrono::milliseconds(config_.liveness.drain_ms));
    drain_timer_->async_wait([this](std::error_code error) {
      if (!error) stop_now();
    });
    stop_reading([this] { settle([this] { keep_and_drain(); }); });
  }

  void stop_now() {
    if (std::exchange(stopped_, true)) return;
    directory_->stop();
    for (const auto& listener : listeners_) listener->close();
    drain_timer_->cancel();
    for (unsigned i = 1; i < core_count_; ++i) core(0).run_on(i, [](Core& there) { there.finish(); });
    core(0).run_on(0, [](Core& there) { there.finish(); });
  }

  void summarize(std::function<void(std::string)> then) {
    const auto queued = std::make_shared<std::uint64_t>(0), tails = std::make_shared<std::uint64_t>(0);
    const auto left = std::make_shared<unsigned>(core_count_);
    for (unsigned i = 0; i < core_count_; ++i) {
      core(0).run_on(i, [=, this](Core& there) {
        std::uint64_t pinned = 0;
        there.for_each_session([&](Session& session) { pinned += session.outbox().pinned_bytes(); });
        there.run_on(0, [=, this, kept = there.home().tail_bytes()](Core&) {
          *queued += pinned;
          *tails += kept;
          if (--*left == 0) then(summary(*queued, *tails));
        });
      });
    }
  }

 private:
  static unsigned cores_wanted(const Config& config) {
    const auto all = std::max(1u, std::thread::hardware_concurrency());
    return config.hub.cores == 0 ? std::min(all, 64u) : static_cast<unsigned>(config.hub.cores);
  }

  Result<Kept> open_store(const std::string& folder) {
    auto directory = sqlite::DataDirectory::open(folder);
    if (!directory) return tl::unexpected(directory.error());
    directory_lock_.emplace(*std::move(directory));
    sqlite::SqliteStore::Settings settings;
    settings.database = {
        directory_lock_->database(), {}, {random128<StoreIdTag>(), clock_.wall_now()}, config_.limits.reply_cache};
    if (config_.search.index) settings.index_path = directory_lock_->search_index();
    auto opened = sqlite::SqliteStore::open(settings, *this, clock_);
    if (!opened) return tl::unexpected(opened.error());
    store_ = *std::move(opened);
    return sqlite::load(settings.database.path, {}, core_count_ * bounds::producer_seqs_per_core_max);
  }

  void tell_erased(RoomId room, Seq seq) {
    core(core(0).home_of(room)).put(Task([room, seq](Core& home) { home.home().erased(room, seq); }));
  }

  /// What expired while the hub was down is erased as soon as there is a store, perhaps before there are rooms.
  void begin_to_tell_erased() {
    const std::lock_guard lock(early_mutex_);
    rooms_are_made_ = true;
    for (const auto& [room, seq] : std::exchange(erased_early_, {})) tell_erased(room, seq);
  }

  void admit(Accepted accepted) {
    if (stopping_ || door_.crowded()) {
      ::close(accepted.descriptor);
      return;
    }
    const auto refusal = door_.enter(accepted.host);
    core(0).run_on(next_core_++ % core_count_, [accepted = std::move(accepted), refusal](Core& there) {
      there.adopt(accepted.family, accepted.descriptor, accepted.host, refusal);
    });
  }

  /// Nothing more is read. Once all calls that were read are on their way from the directory to their rooms: `then`.
  void stop_reading(const std::function<void()>& then) {
    on_all_cores(
        [](Core& there, const std::function<void()>& done) {
          there.for_each_session([](Session& session) { session.stop_reading(); });
          done();
        },
        then);
  }

  /// Calls `then` once all that was read is in its room and what is owed for it, to whomever on whatever core, is on
  /// its way. REQUIRES: nothing more is read.
  void settle(const std::function<void()>& then) {
    const auto left = std::make_shared<unsigned>(core_count_ * core_count_);
    const auto settled = [left, then](Core& home) {
      home.run_on(0, [left, then](Core&) {
        if (--*left == 0) then();
      });
    };
    for (unsigned i = 0; i < core_count_; ++i) {
      core(0).run_on(i, [settled](Core& there) {
        for (unsigned home = 0; home < there.core_count(); ++home)
          there.lanes().run_after(home, Task([settled](Core& at_home) { at_home.after_flush(Task(settled)); }));
      });
    }
  }

  /// In trouble, also in one that begins now, nobody waits for the disk but the hub: who is there has been told of it.
  void keep_and_drain() {
    keeping_ = true;
    if (core(0).home().trouble().empty())
      keep_all([this] { end_sessions(); });
    else
      end_sessions();
  }

  void end_sessions() {
    if (std::exchange(keeping_, false)) drain([this] { keep_all([this] { stop_now(); }); });
  }

  /// Calls `then` once all that was given to the store is committed, and told to whom it concerns.
  void keep_all(const std::function<void()>& then) {
    if (!store_) return then();
    on_all_cores(
        [this](Core& there, const std::function<void()>& done) {
          store_->change(there.index(), {}, [&there, done] { there.after_flush(Task([done](Core&) { done(); })); });
        },
        then);
  }

  /// Runs `act(Core&, done)` on every core and, once each of them has called done() in its own time, `then` here.
  template <class Act>
  void on_all_cores(Act act, std::function<void()> then) {
    const auto left = std::make_shared<unsigned>(core_count_);
    for (unsigned i = 0; i < core_count_; ++i) {
      core(0).run_on(i, [act, then, left](Core& there) {
        act(there, [&there, then, left] {
          there.run_on(0, [then, left](Core&) {
            if (--*left == 0) then();
          });
        });
      });
    }
  }

  /// Calls `then` once every session has taken what is queued, was told of the end, and is gone.
  void drain(const std::function<void()>& then) {
    on_all_cores(
        [grace = std::chrono::milliseconds(config_.liveness.drain_ms) / 2](Core& there,
                                                                           const std::function<void()>& done) {
          there.for_each_session([grace](Session& session) { session.close_for_shutdown(grace); });
          there.when_empty(Task([done](Core&) { done(); }));
        },
        then);
  }

  std::string summary(std::uint64_t queued, std::uint64_t tails) {
    const auto figures = outlet_->figures();
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> passed = now - summarized_.when;
    const auto rate = [&](std::uint64_t total, std::uint64_t before) {
      return static_cast<std::uint64_t>(static_cast<double>(total - before) / std::max(passed.count(), 0.001));
    };
    std::string line =
        "sessions=" + std::to_string(directory_->sessions()) + " people=" + std::to_string(directory_->people()) +
        " rooms=" + std::to_string(directory_->rooms()) + " published=" + std::to_string(figures.published) +
        " delivered=" + std::to_string(figures.delivered) +
        " published_per_s=" + std::to_string(rate(figures.published, summarized_.published)) +
        " delivered_per_s=" + std::to_string(rate(figures.delivered, summarized_.delivered)) +
        " queued_bytes=" + std::to_string(queued) + " tail_bytes=" + std::to_string(tails) +
        " cores=" + std::to_string(core_count_) + " uptime_s=" + std::to_string(figures.uptime_s);
    summarized_ = {now, figures.published, figures.delivered};
    return line;
  }

  struct Summarized {
    SteadyTime when = std::chrono::steady_clock::now();
    std::uint64_t published = 0, delivered = 0;
  };

  Config config_;
  Doorkeeper door_;
  const unsigned core_count_;
  const SystemClock clock_;
  HubShared shared_;
  std::optional<sqlite::DataDirectory> directory_lock_;
  std::mutex early_mutex_;  // of the next two
  bool rooms_are_made_ = false;
  std::vector<std::pair<RoomId, Seq>> erased_early_;
  std::unique_ptr<sqlite::SqliteStore> store_;  // gone before the cores, which it calls back
  std::unique_ptr<CoresOutlet> outlet_;
  std::unique_ptr<Directory> directory_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unique_ptr<asio::steady_timer> drain_timer_;
  std::unique_ptr<DumpChild> dump_child_;
  std::vector<std::thread> threads_;
  Summarized summarized_;
  unsigned next_core_ = 0;
  bool stopping_ = false;
  bool keeping_ = false;  // stopping, and what was said is being kept before the sessions end
  bool stopped_ = false;
};

Hub::Hub(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Hub::~Hub() = default;
Result<void> Hub::open() { return impl_->open(); }
void Hub::dump(std::function<void(Result<proto::HubDump::Reply>)> then) { impl_->dump(std::move(then)); }
Result<std::vector<Address>> Hub::listen() { return impl_->listen(); }
void Hub::run() { impl_->run(); }
asio::io_context& Hub::loop() { return impl_->core(0).loop(); }
void Hub::reload(const Config& config) { impl_->reload(config); }
void Hub::stop() { impl_->stop(); }
void Hub::stop_now() { impl_->stop_now(); }
void Hub::summarize(std::function<void(std::string)> then) { impl_->summarize(std::move(then)); }

}  // namespace hubbub::server
