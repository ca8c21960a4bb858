// A reader's side of a ring: messages come out, whole and in order, or it is told how many it has missed.
//   poll(each)            what is there now; never waits
//   wait(limit)           sleeps until there is something
//   prepare_to_sleep(), then wait for wake_descriptor() to be readable, then wake_up()    the same in a loop of poll(2)
// Trusts nothing that the writer says: a forged ring makes it fail, and never read outside of it or wait for ever in
// it. How it works stands in layout.hpp. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/descriptor.hpp"
#include "common/ring/layout.hpp"
#include "common/ring/memory.hpp"
#include "common/ring/words.hpp"
#include "proto/status.hpp"

namespace hubbub {

class RingReader {
 public:
  /// What RingWriter::add_reader() gave for it, in that order. Begins with the first message that is flushed after
  /// that. Fails with failed_precondition where these aren't a ring's, sealed as they must be, and with unavailable.
  static Result<RingReader> open(std::vector<Descriptor> descriptors);

  struct Polled {
    std::size_t messages = 0;  ///< that were handed out
    std::uint64_t missed =
        0;  ///< overwritten before they were read; exact. Never both: they lie before the next call's
  };
  /// Calls `each(std::span<const std::byte>)` for what is there, at most `messages_max` times. The bytes are a copy,
  /// good until the next message. Fails with data_loss where the writer has broken the ring; then there is no going on.
  template <class Each>
  Result<Polled> poll(Each&& each, std::size_t messages_max);

  enum class Wake {
    ready,  ///< poll() finds something
    timed_out,
    closed,  ///< the writer has ended or let this reader go, and nothing is left to read
  };
  /// Not less than zero. A signal that comes meanwhile is no reason to return.
  Wake wait(std::chrono::milliseconds limit);

  /// True: nothing is there, and wake_descriptor() becomes readable with the next flush. False: poll first.
  [[nodiscard]] bool prepare_to_sleep();
  /// After wake_descriptor() has become readable, or where somebody no longer wants to sleep. False once the writer has
  /// gone: poll what is left, and no more comes.
  bool wake_up();
  /// Non-blocking; for waiting, not for reading.
  [[nodiscard]] int wake_descriptor() const { return bell_.get(); }

 private:
  enum class Copied { whole, overwritten, damaged };

  RingReader(ring::Mapping ring, ring::Mapping seat, Descriptor bell, std::size_t capacity_bytes);
  [[nodiscard]] const ring::Head& head() const { return *reinterpret_cast<const ring::Head*>(ring_.data()); }
  [[nodiscard]] ring::Seat& seat() const { return *reinterpret_cast<ring::Seat*>(seat_.data()); }
  [[nodiscard]] ring::Records<const ring::Word> records() const {
    return {reinterpret_cast<const ring::Word*>(ring_.data() + ring::head_bytes), capacity_bytes_ / ring::word_bytes};
  }
  [[nodiscard]] bool is_overwritten(std::uint64_t position) const;
  /// Whether there is a record at position_.
  bool look();
  /// The record at position_ into copy_. If it is whole, goes on behind it.
  Copied take();
  void make_room(std::size_t words);
  /// After an overwritten one: to the waypoint. The number of messages on the way.
  Result<std::uint64_t> skip();
  static tl::unexpected<Error> broken();

  ring::Mapping ring_;
  ring::Mapping seat_;
  Descriptor bell_;
  std::size_t capacity_bytes_;
  std::uint64_t position_;
  std::uint64_t next_index_;  ///< of the message there
  std::uint64_t published_;   ///< as far as was looked
  std::unique_ptr<std::uint64_t[]> copy_;
  std::size_t copy_words_ = 0;
  std::size_t message_bytes_ = 0;  ///< in copy_
};

inline bool RingReader::is_overwritten(std::uint64_t position) const {
  return head().claimed.load(std::memory_order_acquire) - position > capacity_bytes_;
}

inline bool RingReader::look() {
  if (position_ == published_) published_ = head().published.load(std::memory_order_acquire);
  return position_ != published_;
}

inline RingReader::Copied RingReader::take() {
  const auto [index, length] = ring::load_head(records(), position_);
  const bool plausible = index == next_index_ && length <= ring::message_bytes_max(capacity_bytes_) &&
                         ring::record_bytes(length) <= published_ - position_;
  if (plausible) {
    const auto words = (length + ring::word_bytes - 1) / ring::word_bytes;
    if (words > copy_words_) make_room(words);
    ring::load_message(records(), position_, copy_.get(), words);
  }
  if (is_overwritten(position_)) return Copied::overwritten;
  if (!plausible) return Copied::damaged;
  message_bytes_ = length;
  position_ += ring::record_bytes(length);
  ++next_index_;
  return Copied::whole;
}

template <class Each>
Result<RingReader::Polled> RingReader::poll(Each&& each, std::size_t messages_max) {
  Polled polled;
  while (polled.messages < messages_max && look()) {
    switch (take()) {
      case Copied::whole:
        ++polled.messages;
        each(std::as_bytes(std::span(copy_.get(), copy_words_)).first(message_bytes_));
        break;
      case Copied::overwritten: {
        if (polled.messages > 0) return polled;
        const auto missed = skip();
        if (!missed) return tl::unexpected(missed.error());
        polled.missed = *missed;
        return polled;
      }
      case Copied::damaged: return broken();
    }
  }
  return polled;
}

}  // namespace hubbub
