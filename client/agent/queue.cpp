#include "client/agent/queue.hpp"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/escape.hpp"

namespace hubbub::agent {

namespace {

/// Taken in one go, before others of the loop have their turn.
constexpr std::size_t messages_at_once = 64;

tl::unexpected<Error> refuse(Status status, const std::string& name, const std::string& what) {
  return fail(status, "the queue " + name + " " + what);
}

Status status_of(int error) {
  switch (error) {
    case EACCES:
    case EPERM: return Status::permission_denied;
    case ENOENT: return Status::not_found;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case ENOMEM:
    case EAGAIN: return Status::resource_exhausted;
    case EMSGSIZE: return Status::invalid_argument;
    case ENOSYS: return Status::unimplemented;
    default: return Status::unavailable;
  }
}

long system_limit(const char* file, long otherwise) {
  std::FILE* const limit = std::fopen(file, "re");
  if (limit == nullptr) return otherwise;
  long value = otherwise;
  if (std::fscanf(limit, "%ld", &value) != 1) value = otherwise;
  std::fclose(limit);
  return value;
}

bool is_ours(int queue) {
  struct stat about {};
  return ::fstat(queue, &about) == 0 && about.st_uid == ::geteuid();
}

bool is_the_same(int a, int b) {
  struct stat one {
  }, other{};
  return ::fstat(a, &one) == 0 && ::fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

QueueAttributes read_attributes(int queue) {
  mq_attr now{};
  if (::mq_getattr(queue, &now) != 0) return {};
  return {now.mq_maxmsg, now.mq_msgsize};
}

/// Never waits, whatever somebody else has made of the descriptor's flags: the time until which it would is over.
ssize_t receive(int queue, std::vector<char>& buffer, unsigned& priority) {
  const timespec past{};
  while (true) {
    const auto size = ::mq_timedreceive(queue, buffer.data(), buffer.size(), &priority, &past);
    if (size >= 0 || errno != EINTR) return size;
  }
}

}  // namespace

Level level_of(unsigned priority) { return static_cast<Level>(std::min(priority / level_step, 2U)); }

Result<Queued> parse_queued(std::string_view bytes) {
  if (bytes.ends_with('\0')) bytes.remove_suffix(1);
  const auto end = bytes.find_first_of(" \n");
  auto room = parse_room_argument(bytes.substr(0, std::min(end, limits::room_name_bytes_max + 1)));
  if (!room) return tl::unexpected(room.error());
  if (end == std::string_view::npos || end + 1 == bytes.size())
    return fail(Status::invalid_argument, "there is no text behind the room " + display(*room));
  return Queued{*std::move(room), std::string(bytes.substr(end + 1))};
}

std::string queue_name() {
  const char* const given = std::getenv("HUBBUB_QUEUE");
  if (given != nullptr && *given != '\0') return given;
  return "/hubbub-" + std::to_string(::geteuid()) + "-in";
}

Result<void> send_to_queue(const std::string& name, std::string_view bytes, unsigned priority) {
  const Descriptor queue(::mq_open(name.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  if (!queue.is_open() && errno == ENOENT)
    return refuse(Status::unavailable, name, "isn't there; hubbub agent makes it");
  if (!queue.is_open()) return refuse(status_of(errno), name, std::string("can't be opened: ") + std::strerror(errno));
  if (!is_ours(queue.get())) return refuse(Status::permission_denied, name, "belongs to somebody else");
  if (::mq_send(queue.get(), bytes.data(), bytes.size(), priority) == 0) return {};
  if (errno == EAGAIN) return refuse(Status::resource_exhausted, name, "is full; try again later");
  if (errno == EMSGSIZE)
    return refuse(Status::invalid_argument, name,
                  "takes at most " + std::to_string(read_attributes(queue.get()).message_bytes) + " bytes a message");
  return refuse(status_of(errno), name, std::string("takes nothing: ") + std::strerror(errno));
}

Queue::Queue(asio::io_context& loop, Options options, Events events)
    : loop_(loop), options_(std::move(options)), events_(std::move(events)), look_(loop) {}

Queue::~Queue() {
  *alive_ = false;
  if (!queue_) return;
  const Descriptor named(::mq_open(options_.name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (named.is_open() && is_the_same(named.get(), descriptor())) ::mq_unlink(options_.name.c_str());
}

void Queue::note(const std::string& sentence) const {
  if (events_.note) events_.note(sentence);
}

// ── making it ───────────────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Queue::start() {
  auto made = make();
  if (!made) return tl::unexpected(made.error());
  attach(*std::move(made));
  await_look();
  return {};
}

/// With as many messages as RLIMIT_MSGQUEUE lets us have.
Result<Descriptor> Queue::make() {
  if (const auto clear = clear_the_way(); !clear) return tl::unexpected(clear.error());
  mq_attr attributes{};
  attributes.mq_maxmsg = std::min(options_.wanted.messages, system_limit("/proc/sys/fs/mqueue/msg_max", 10));
  attributes.mq_msgsize =
      std::min(options_.wanted.message_bytes, system_limit("/proc/sys/fs/mqueue/msgsize_max", 8192));
  const auto flags = O_RDONLY | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC;
  int queue = -1;
  while ((queue = ::mq_open(options_.name.c_str(), flags, 0600, &attributes)) < 0 && errno == EMFILE &&
         attributes.mq_maxmsg > 1)
    attributes.mq_maxmsg /= 2;
  if (queue < 0 && errno == EMFILE)
    return refuse(Status::resource_exhausted, options_.name,
                  "can't be made: this user's queues take all that RLIMIT_MSGQUEUE allows (ulimit -q)");
  if (queue < 0) return refuse(status_of(errno), options_.name, std::string("can't be made: ") + std::strerror(errno));
  Descriptor made(queue);
  if (!is_ours(queue)) return refuse(Status::permission_denied, options_.name, "belongs to somebody else");
  return made;
}

/// One that an earlier agent has left is emptied and taken away. Somebody else's stays, whatever we may do.
Result<void> Queue::clear_the_way() {
  const Descriptor old(::mq_open(options_.name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!old.is_open() && errno == ENOENT) return {};
  if (!old.is_open())
    return refuse(status_of(errno), options_.name, std::string("is in the way: ") + std::strerror(errno));
  if (!is_ours(old.get())) return refuse(Status::permission_denied, options_.name, "belongs to somebody else");
  ::mq_unlink(options_.name.c_str());
  take_over(old.get());
  return {};
}

void Queue::take_over(int old) {
  const auto size = read_attributes(old);
  std::vector<char> buffer(static_cast<std::size_t>(std::max(size.message_bytes, 1L)));
  unsigned priority = 0;
  for (long i = 0; i < size.messages; ++i) {
    const auto got = receive(old, buffer, priority);
    if (got < 0) return;
    leftovers_.push_back({std::string(buffer.data(), static_cast<std::size_t>(got)), priority});
  }
}

void Queue::attach(Descriptor made) {
  attributes_ = read_attributes(made.get());
  buffer_.resize(static_cast<std::size_t>(std::max(attributes_.message_bytes, 1L)));
  queue_.emplace(loop_, made.release());
  waits_ = false;
  asio::post(loop_, [this, alive = alive_] {
    if (*alive) await_message();
  });
}

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

void Queue::resume() {
  paused_ = false;
  await_message();
}

void Queue::await_message() {
  if (!queue_ || paused_ || std::exchange(waits_, true)) return;
  const auto take_and_go_on = [this, alive = alive_](std::error_code stopped) {
    if (stopped || !*alive || !queue_) return;
    waits_ = false;
    take_some(messages_at_once);
    await_message();
  };
  if (!leftovers_.empty()) return asio::post(loop_, [take_and_go_on] { take_and_go_on({}); });
  queue_->async_wait(asio::posix::stream_descriptor::wait_read, take_and_go_on);
}

std::size_t Queue::take_some(std::size_t messages_max) {
  while (!paused_ && !leftovers_.empty()) {
    const auto left = std::move(leftovers_.front());
    leftovers_.erase(leftovers_.begin());
    take(left.bytes, left.priority);
  }
  std::size_t taken = 0;
  while (taken < messages_max && !paused_ && take_one(descriptor())) ++taken;
  return taken;
}

bool Queue::take_one(int queue) {
  unsigned priority = 0;
  const auto size = receive(queue, buffer_, priority);
  if (size < 0) return false;
  take({buffer_.data(), static_cast<std::size_t>(size)}, priority);
  return true;
}

void Queue::take(std::string_view bytes, unsigned priority) {
  auto message = parse_queued(bytes);
  if (message) return events_.taken(*std::move(message), level_of(priority));
  note("a message in the queue is left out: " + escape_for_terminal(message.error().sentence));
}

void Queue::drain() {
  const auto messages_max = static_cast<std::size_t>(attributes_.messages);
  if (queue_) take_some(messages_max);
}

// ── its name ────────────────────────────────────────────────────────────────────────────────────────────────────────

void Queue::await_look() {
  look_.expires_after(options_.look_after_every);
  look_.async_wait([this, alive = alive_](std::error_code stopped) {
    if (stopped || !*alive) return;
    look_after_name();
    await_look();
  });
}

/// Whoever sends opens it by its name. One that was taken away is made anew; one that somebody else has made instead is
/// left to them.
void Queue::look_after_name() {
  const Descriptor named(::mq_open(options_.name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (named.is_open() && is_the_same(named.get(), descriptor())) {
    name_is_lost_ = false;
    return;
  }
  if (named.is_open() || errno != ENOENT) {
    if (!std::exchange(name_is_lost_, true))
      note("the queue " + options_.name +
           " was replaced by another one, which nobody reads; what is sent there is lost");
    return;
  }
  auto made = make();
  if (!made) {
    if (!std::exchange(name_is_lost_, true)) note(made.error().sentence);
    return;
  }
  name_is_lost_ = false;
  take_over(descriptor());  // what lies in the old one comes first
  attach(*std::move(made));
  note("the queue " + options_.name + " was taken away, and is made anew");
}

}  // namespace hubbub::agent
