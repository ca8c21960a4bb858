// Two POSIX message queues, which lose their names as soon as they are open.
#include <fcntl.h>
#include <mqueue.h>

#include <cerrno>
#include <string>

#include "client/cli/ipc/mechanism.hpp"
#include "common/descriptor.hpp"

namespace hubbub::ipc {

namespace {

/// As many as everybody may have, unless an administrator says otherwise (fs.mqueue.msg_max, mq_overview(7)).
constexpr long queued_messages_max = 10;

/// On Linux a message queue's descriptor is one of a file.
class QueueEnd : public End {
 public:
  QueueEnd(Descriptor out, Descriptor in) : out_(std::move(out)), in_(std::move(in)) {}

  bool send(std::span<const std::byte> message) override {
    return ::mq_send(out_.get(), reinterpret_cast<const char*>(message.data()), message.size(), 0) == 0;
  }
  bool receive(std::span<std::byte> message) override {
    const auto got = ::mq_receive(in_.get(), reinterpret_cast<char*>(message.data()), message.size(), nullptr);
    if (got >= 0 && static_cast<std::size_t>(got) != message.size()) errno = EBADMSG;
    return got == static_cast<ssize_t>(message.size());
  }

 private:
  Descriptor out_, in_;
};

/// Errors whose usual words would mislead.
tl::unexpected<Error> cannot_open() {
  if (errno == ENOSYS) return fail(Status::unavailable, "this kernel has no POSIX message queues");
  if (errno == EMFILE) return fail(Status::unavailable, "the user may have no more queues, or files (ulimit -q, -n)");
  if (errno == EINVAL) return fail(Status::unavailable, "no queue may have such messages (see fs.mqueue in sysctl)");
  return cannot("open a message queue");
}

Result<Descriptor> open_queue(std::string_view direction, std::size_t message_bytes) {
  const auto name = "/hubbub-ipc-" + std::to_string(::getpid()) + "-" + std::string(direction);
  mq_attr attributes{};
  attributes.mq_maxmsg = queued_messages_max;
  attributes.mq_msgsize = static_cast<long>(message_bytes);
  Descriptor queue(::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes));
  if (!queue.is_open()) return cannot_open();
  ::mq_unlink(name.c_str());
  return queue;
}

Descriptor copy_of(const Descriptor& descriptor) { return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0)); }

Result<Ends> open_queues(std::size_t message_bytes) {
  auto there = open_queue("there", message_bytes);
  if (!there) return tl::unexpected(there.error());
  auto back = open_queue("back", message_bytes);
  if (!back) return tl::unexpected(back.error());
  auto there_again = copy_of(*there), back_again = copy_of(*back);
  if (!there_again.is_open() || !back_again.is_open()) return cannot("copy a descriptor");
  return Ends{std::make_unique<QueueEnd>(std::move(*there), std::move(*back)),
              std::make_unique<QueueEnd>(std::move(back_again), std::move(there_again))};
}

}  // namespace

extern const Mechanism queue_mechanism;
const Mechanism queue_mechanism = {
    "queue",
    "A bounded queue of whole messages with priorities: what is urgent overtakes, and it outlives both programs.",
    "",
    message_bytes_max,
    open_queues,
};

}  // namespace hubbub::ipc
