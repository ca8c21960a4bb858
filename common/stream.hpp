// One connected byte stream, whatever is below it: TCP, UNIX, later TLS.
//   read_some / write_some   never block and never wait; they say what happened
//   on_readable / on_writable wait in the loop and call back once
// Whoever reads and writes tries first and waits only when told would_block: under load that saves a wait per read.
//
// Not thread-safe: lives and dies on the thread of its io_context.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

#include "common/asio.hpp"

namespace hubbub {

/// How a read or write went.
enum class IoStatus {
  done,         ///< `bytes` were moved, at least one
  would_block,  ///< nothing now; wait
  closed,       ///< the peer will send no more, or takes no more
  failed,       ///< the connection broke: see `error`
};

struct IoResult {
  IoStatus status = IoStatus::done;
  std::size_t bytes = 0;
  std::error_code error;
};

/// What read(2), sendmsg(2) and the like returned, in our words. Looks at errno.
IoResult io_result_of(ssize_t moved);

/// Who is at the other end of a UNIX socket, by SO_PEERCRED (unix(7)): proven by the kernel.
struct PeerCredentials {
  int pid = 0;
  unsigned uid = 0;
  unsigned gid = 0;
};

class Stream {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  /// Takes a connected socket; sets it non-blocking and close-on-exec, and TCP_NODELAY where it is TCP.
  explicit Stream(Socket socket);

  IoResult read_some(std::span<char> into);
  /// Gathers `parts` into one system call (MSG_NOSIGNAL). At most IOV_MAX parts.
  IoResult write_some(std::span<const iovec> parts);

  /// Calls `then` once, in the loop: when there is something to read (or an end, or an error); or never, after close().
  template <class Handler>
  void on_readable(Handler then) {
    socket_.async_wait(Socket::wait_read, [then = std::move(then)](std::error_code error) mutable {
      if (!error) then();
    });
  }
  template <class Handler>
  void on_writable(Handler then) {
    socket_.async_wait(Socket::wait_write, [then = std::move(then)](std::error_code error) mutable {
      if (!error) then();
    });
  }

  /// Calls `then` once, when the peer has closed both of its sides, or the connection broke; or never, after close().
  template <class Handler>
  void on_hangup(Handler then) {
    socket_.async_wait(Socket::wait_error, [then = std::move(then)](std::error_code error) mutable {
      if (!error) then();
    });
  }

  /// No more will be written; what is under way still arrives. The peer reads an end.
  void shut_down_writing();
  /// Ends every wait without a call. Safe to call twice.
  void close();
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }

  [[nodiscard]] bool is_local() const;  ///< a UNIX socket
  [[nodiscard]] std::optional<PeerCredentials> peer_credentials() const;
  [[nodiscard]] int native_handle() { return socket_.native_handle(); }

 private:
  Socket socket_;
};

}  // namespace hubbub
