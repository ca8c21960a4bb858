// The events that wait for next(). Bounded by whoever fills it: full() says when to stop.
#pragma once

#include <deque>
#include <optional>

#include "client/link/types.hpp"

namespace hubbub::link {

class Inbox {
 public:
  void push(Incoming event) {
    bytes_ += bytes_of(event);
    events_.push_back(std::move(event));
  }

  std::optional<Incoming> take() {
    if (events_.empty()) return std::nullopt;
    Incoming event = std::move(events_.front());
    bytes_ -= bytes_of(event);
    events_.pop_front();
    return event;
  }

  [[nodiscard]] bool empty() const { return events_.empty(); }
  /// What the events hold in memory, about.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  static std::size_t bytes_of(const Incoming& event) {
    const auto* message = std::get_if<Message>(&event);
    if (message == nullptr) return sizeof(Incoming);
    auto bytes = sizeof(Incoming) + message->room.str().size() + message->body.size();
    for (const auto& [key, value] : message->headers.list) bytes += sizeof(proto::Header) + key.size() + value.size();
    return bytes;
  }

  std::deque<Incoming> events_;
  std::size_t bytes_ = 0;
};

}  // namespace hubbub::link
