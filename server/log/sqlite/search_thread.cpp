#include "server/log/sqlite/search_thread.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/log.hpp"

namespace hubbub::server::sqlite {

namespace {

using std::chrono::milliseconds;

/// What comes within this time after a wake is indexed together: so few large transactions instead of many small ones,
/// and a message is found as soon as somebody can ask for it.
constexpr milliseconds gather{200};
constexpr milliseconds tidy_every{60'000};
constexpr milliseconds retry_after{5'000};

/// Of this thread alone. Where it isn't allowed it shares the processor with the others as any thread does.
void give_way() {
  const sched_param none{};
  (void)::sched_setscheduler(0, SCHED_BATCH, &none);
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
  ::pthread_setname_np(::pthread_self(), "search");
}

}  // namespace

SearchThread::SearchThread(std::string path, std::string hub_path)
    : path_(std::move(path)), hub_path_(std::move(hub_path)) {
  open();
  thread_ = std::thread([this] { run(); });
}

SearchThread::~SearchThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void SearchThread::wake() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(woken_, true)) changed_.notify_one();
}

void SearchThread::rebuild() {
  const std::lock_guard lock(mutex_);
  rebuild_ = true;
  changed_.notify_one();
}

void SearchThread::open() {
  auto opened = SearchIndex::open(path_, hub_path_);
  if (opened)
    index_ = *std::move(opened);
  else
    tell(tl::unexpected(opened.error()));
}

void SearchThread::run() {
  give_way();
  std::unique_lock lock(mutex_);
  while (!stop_) {
    woken_ = false;
    const bool rebuild = std::exchange(rebuild_, false);
    lock.unlock();
    const auto idle = work(rebuild);
    lock.lock();
    if (idle == milliseconds{0}) continue;
    const bool failed = idle == retry_after;
    changed_.wait_for(lock, idle, [&] { return stop_ || rebuild_ || (woken_ && !failed); });
    changed_.wait_for(lock, gather, [&] { return stop_; });
  }
}

milliseconds SearchThread::work(bool rebuild) {
  const auto done = step(rebuild);
  tell(done);
  if (!done) return retry_after;
  return *done ? milliseconds{0} : tidy_every;
}

/// False: there is nothing to do.
Result<bool> SearchThread::step(bool rebuild) {
  if (index_ == nullptr) open();
  if (index_ == nullptr) return fail(Status::unavailable, trouble_);
  if (rebuild)
    if (auto anew = index_->start_anew("a search found it damaged"); !anew) return tl::unexpected(anew.error());
  const auto advanced = index_->advance();
  return !advanced || *advanced ? advanced : tidy();
}

Result<bool> SearchThread::tidy() {
  if (std::chrono::steady_clock::now() - tidied_ < tidy_every) return false;
  const auto more = index_->tidy();
  if (!more || !*more) tidied_ = std::chrono::steady_clock::now();
  return more;
}

/// Each trouble once.
void SearchThread::tell(const Result<bool>& done) {
  const auto now = done ? std::string() : done.error().sentence;
  if (now == trouble_) return;
  if (done)
    log::info("the search index goes on", {{"file", path_}});
  else
    log::error("the search index is behind, and is tried again", {{"file", path_}, {"why", now}});
  trouble_ = now;
}

}  // namespace hubbub::server::sqlite
