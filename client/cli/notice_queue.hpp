// The queue of hubbub notify: a POSIX message queue of its own (mq_overview(7)), which ends with the process however
// that ends: it has its name, /hubbub-UID-notify-PID, for a moment only.
//   offer(notice): never waits; what doesn't fit is counted --> take(): what matters most, before what came earlier
#pragma once

#include <cstdint>
#include <optional>

#include "client/cli/notice.hpp"
#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

class NoticeQueue {
 public:
  NoticeQueue() = default;
  /// 0600. Takes the place of one that an earlier process of ours and of that number has left. Fails with unavailable.
  Result<void> open();
  /// The queue is gone.
  void close() { queue_ = Descriptor(); }
  /// False if it is full: then the least important of them is gone, which may be this one.
  bool offer(const Notice& notice);
  /// Of the most important the oldest; nothing if it is empty. Skips what is no notice.
  std::optional<Notice> take();

  /// Readable while it isn't empty.
  [[nodiscard]] int descriptor() const { return queue_.get(); }
  [[nodiscard]] long messages_max() const { return messages_max_; }

 private:
  bool send(const Notice& notice);

  Descriptor queue_;
  long messages_max_ = 0;
};

}  // namespace hubbub::cli
