// One local program at the agent's socket: bytes in, bytes out, and how both are bounded.
//   Stream --bytes--> take(), of the protocol that it speaks          output() --once a tick--> one write
// What the program doesn't read is bounded by the reader's cursor (see reader.hpp); what the agent can't take now stays
// in the socket, so that the program waits. Lives on the Link's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/agent/caller.hpp"
#include "client/agent/core.hpp"
#include "client/agent/reader.hpp"
#include "common/descriptor.hpp"
#include "common/stream.hpp"

namespace hubbub::agent {

class LocalSession : public Reader, public std::enable_shared_from_this<LocalSession> {
 public:
  LocalSession(Core& core, Stream stream, Caller caller);
  virtual ~LocalSession() = default;
  LocalSession(const LocalSession&) = delete;
  LocalSession& operator=(const LocalSession&) = delete;

  /// Reads until either side ends it.
  void start() { wait_to_read(); }
  using Closed = std::function<void(const std::shared_ptr<LocalSession>&)>;
  /// Called once, at the end.
  void on_closed(Closed closed) { closed_ = std::move(closed); }
  /// Nothing more is read; what is owed still goes out.
  void stop_reading() { stopped_reading_ = true; }
  /// What is written so far goes out, nothing more is read or received.
  void finish();
  void close();
  [[nodiscard]] bool is_open() const { return stream_.is_open(); }
  [[nodiscard]] const Caller& caller() const { return caller_; }
  [[nodiscard]] virtual std::string_view protocol() const = 0;
  [[nodiscard]] bool is_full() const final;

 protected:
  /// Takes all of `bytes`, or asks for a pause and keeps the rest for resume().
  virtual void take(std::string_view bytes) = 0;
  /// The program will send no more. Closes the session when nothing is owed to it.
  virtual void ended() = 0;
  /// There is room again for what was left over when may_take() was false.
  virtual void resume() = 0;
  /// There is room for more of what the program asks.
  [[nodiscard]] virtual bool may_take() const { return is_open() && !paused_ && !finishing_ && !is_full(); }
  /// Something that was read isn't taken yet.
  [[nodiscard]] virtual bool has_input() const = 0;
  /// may_take() may have become true.
  void go_on();
  /// Nothing more is read until there is room in the spool.
  void pause_until_writable();
  std::string& output() { return filling_; }
  void write_soon();
  /// They go out beside the byte that is appended to output() next, and are closed here. REQUIRES: !hands_over(), and a
  /// byte is appended.
  void hand_over(std::vector<Descriptor> descriptors);
  /// Descriptors are still on their way.
  [[nodiscard]] bool hands_over() const { return !beside_.empty(); }

  Core& core_;

 private:
  void wait_to_read();
  void wait_for_hangup();
  void close_if_taken();
  void stop_writing();
  void read();
  void write();
  IoResult write_some();
  IoResult write_beside();
  void wait_to_write();
  void leave();
  [[nodiscard]] std::size_t unwritten() const { return writing_.size() - written_ + filling_.size(); }

  Stream stream_;
  Closed closed_;
  Caller caller_;
  std::string writing_;  ///< handed to the socket in part
  std::size_t written_ = 0;
  std::string filling_;     ///< what comes after
  std::uint64_t sent_ = 0;  ///< bytes so far
  std::vector<Descriptor> beside_;
  std::uint64_t beside_at_ = 0;  ///< the byte that they belong to
  bool write_posted_ = false;
  bool write_blocked_ = false;
  bool reading_ = false;
  bool input_ended_ = false;
  bool paused_ = false;
  bool finishing_ = false;
  bool stopped_reading_ = false;
  bool write_broken_ = false;
  bool gone_ = false;  ///< the program has closed both of its sides
  bool was_full_ = false;
};

}  // namespace hubbub::agent
