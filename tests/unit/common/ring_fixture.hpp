// Rings for tests: readers as the other end of a socket would make them, and messages that tell whether they are whole.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "common/ring/ring_reader.hpp"
#include "common/ring/ring_writer.hpp"

namespace hubbub {

inline RingWriter make_ring(std::size_t capacity_bytes) {
  std::signal(SIGPIPE, SIG_IGN);
  auto writer = RingWriter::make(capacity_bytes);
  if (!writer) throw std::runtime_error(writer.error().sentence);
  return std::move(*writer);
}

/// As they come out of a socket.
inline std::vector<Descriptor> copies_of(const RingWriter::Admission& admission) {
  std::vector<Descriptor> copies;
  for (const int fd : admission.descriptors()) copies.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return copies;
}

inline RingReader open_reader(std::vector<Descriptor> descriptors) {
  auto reader = RingReader::open(std::move(descriptors));
  if (!reader) throw std::runtime_error(reader.error().sentence);
  return std::move(*reader);
}

inline RingReader add_reader(RingWriter& writer) {
  auto admission = writer.add_reader();
  if (!admission) throw std::runtime_error(admission.error().sentence);
  return open_reader(copies_of(*admission));
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// All that is there, and how much was missed in between.
struct Heard {
  std::vector<std::string> messages;
  std::uint64_t missed = 0;
};
inline Heard hear(RingReader& reader) {
  Heard heard;
  while (true) {
    const auto polled = reader.poll([&](auto message) { heard.messages.push_back(text_of(message)); }, 1000);
    if (!polled) throw std::runtime_error(polled.error().sentence);
    heard.missed += polled->missed;
    if (polled->messages == 0 && polled->missed == 0) return heard;
  }
}

/// Message number n: its number, and then words of which none is in another message. Lengths go up and down.
class NumberedMessages {
 public:
  explicit NumberedMessages(std::size_t words_max) : words_max_(words_max) {}

  std::span<const std::byte> make(std::uint64_t number) {
    words_.resize(1 + number * 7919 % words_max_);
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] = word(number, i);
    return std::as_bytes(std::span(words_));
  }
  /// Its number, if it is what make() made of it; otherwise an exception.
  [[nodiscard]] std::uint64_t number_in(std::span<const std::byte> message) const {
    std::uint64_t number = 0;
    if (message.size() < sizeof number) throw std::runtime_error("a message without a number");
    std::memcpy(&number, message.data(), sizeof number);
    if (message.size() != (1 + number * 7919 % words_max_) * sizeof number) throw std::runtime_error("a wrong length");
    for (std::size_t i = 0; i < message.size() / sizeof number; ++i) {
      std::uint64_t found = 0;
      std::memcpy(&found, message.data() + i * sizeof found, sizeof found);
      if (found != word(number, i)) throw std::runtime_error("a torn message, number " + std::to_string(number));
    }
    return number;
  }

 private:
  static std::uint64_t word(std::uint64_t number, std::size_t at) { return number + (at * 0x9e3779b97f4a7c15); }

  std::size_t words_max_;
  std::vector<std::uint64_t> words_;
};

}  // namespace hubbub
