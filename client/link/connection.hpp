// One socket's life: frames in, bytes out.
//   bytes --> FrameReader --> Owner::received(frame)          output() --write_soon(), once a tick--> one gathered
//   write
// Knows nothing of what the frames mean. A new connection is a new object.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/asio.hpp"
#include "common/frame_reader.hpp"
#include "common/stream.hpp"
#include "proto/status.hpp"

namespace hubbub::link {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Told on the loop's thread; never after close().
  class Owner {
   public:
    virtual void received(const proto::Frame& frame) = 0;
    /// What was read so far was handed out; asks before the next read whether there is to be one. If not, somebody
    /// calls go_on_reading() later.
    virtual bool may_read() = 0;
    /// The socket was full and has taken some: unwritten() says what is left.
    virtual void written() = 0;
    virtual void lost(Error why) = 0;

   protected:
    ~Owner() = default;
  };

  /// `owner` outlives the connection, or close()s it before. `peer`, "the hub", is for sentences.
  Connection(asio::io_context& loop, Stream::Socket socket, Owner& owner, std::string_view peer);

  void start() { go_on_reading(); }
  void go_on_reading();
  [[nodiscard]] bool reading() const { return reading_; }

  /// Append frames here, then write_soon() or write().
  std::string& output() { return filling_; }
  /// Bytes that the socket hasn't taken yet.
  [[nodiscard]] std::size_t unwritten() const { return writing_.size() - written_ + filling_.size(); }
  void write_soon();
  void write();

  /// When anything came last.
  [[nodiscard]] Time last_heard() const { return last_heard_; }

  void close();

 private:
  [[nodiscard]] bool open() const { return owner_ != nullptr; }
  void read();
  bool read_once();
  void wait_to_read();
  bool hand_out(std::size_t bytes);
  void wait_to_write();
  void drop_written(std::size_t bytes);
  void lose(Status status, std::string sentence);

  asio::io_context& loop_;
  Stream stream_;
  Owner* owner_;
  const std::string peer_;
  FrameReader frames_;
  std::vector<char> buffer_;
  std::string writing_;  ///< handed to the socket in part; from written_ on it is still to be written
  std::size_t written_ = 0;
  std::string filling_;  ///< what comes after
  bool reading_ = false;
  bool write_posted_ = false;
  bool write_blocked_ = false;  ///< the socket is full; on_writable() is under way
  bool write_broken_ = false;   ///< nobody takes what we write; what the peer said last may still be there to read
  Time last_heard_;
};

}  // namespace hubbub::link
