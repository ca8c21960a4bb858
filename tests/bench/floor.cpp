// The floor: how fast broadcasting can be on this kernel. One thread, one epoll, no framing, no names, no promises.
//   hubbub_floor READY_FILE [LOG commit|fsync]
//                   listens on 127.0.0.1, any port; writes the port into READY_FILE when it does
//
// A connection says who it is in five bytes: 's' (subscriber), 'p' (publisher) or 'b' (both), and a room's number
// (u32, little-endian); the answer is one 'k'. From then on what a publisher sends goes, as it is, to every subscriber
// of the room, the sender too if it is one.
//
// All that was read for a room in one tick is one shared batch; each subscriber gets it by one send. What a socket
// doesn't take at once waits as (batch, offset): nothing is lost, and nothing is copied.
//
// With a LOG it is the floor of keeping things, too: what was read in a tick is appended to that file, and with `fsync`
// is on the disk, before anybody gets it. Each publisher is then told how many of its bytes are kept so far (u64).
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t batch_bytes = 128 * 1024;  ///< twice what makes a send's fixed cost small against its bytes
constexpr std::size_t greeting_bytes = 5;
constexpr int events_max = 1024;

/// Bytes that were read together, and how many still need them.
struct Batch {
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(batch_bytes);
  std::size_t size = 0;
  std::size_t users = 0;
};

/// Batches go back here, so that a busy floor allocates nothing.
class Batches {
 public:
  Batch* take() {
    if (spare_.empty()) return new Batch{.users = 1};
    Batch* batch = spare_.back();
    spare_.pop_back();
    batch->size = 0;
    batch->users = 1;
    return batch;
  }
  void release(Batch* batch) {
    if (--batch->users == 0) spare_.push_back(batch);
  }

 private:
  std::vector<Batch*> spare_;
};

struct Waiting {
  Batch* batch;
  std::size_t offset;
};

struct Room {
  std::vector<int> subscribers;
  Batch* batch = nullptr;  ///< what was read in this tick
};

struct Connection {
  Room* room = nullptr;
  std::vector<Waiting> waiting;  ///< oldest first; not empty: waits for EPOLLOUT
  char greeting[greeting_bytes];
  std::uint8_t greeted = 0;
  std::uint64_t kept_bytes = 0;  ///< that it published
  bool publishes = false;
  bool subscribes = false;
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// Where everything that is published is kept, or nothing is.
class Log {
 public:
  Log() = default;
  Log(const char* file, bool syncs) : fd_(open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)), syncs_(syncs) {
    if (fd_ < 0) die(file);
  }
  [[nodiscard]] bool keeps() const { return fd_ >= 0; }
  void append(const Batch& batch) const {
    if (write(fd_, batch.bytes.get(), batch.size) != static_cast<ssize_t>(batch.size)) die("writing the log");
  }
  void commit() const {
    if (syncs_ && fdatasync(fd_) != 0) die("syncing the log");
  }

 private:
  int fd_ = -1;
  bool syncs_ = false;
};

class Floor {
 public:
  Floor(const char* ready_file, Log log) : log_(log) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 4096) != 0)
      die("listen");
    if (getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) die("getsockname");
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    announce(ready_file, ntohs(address.sin_port));
  }

  [[noreturn]] void run() {
    epoll_event events[events_max];
    for (;;) {
      const int count = epoll_wait(epoll_, events, events_max, -1);
      for (int i = 0; i < count; ++i) handle(events[i]);
      if (log_.keeps() && !busy_.empty()) keep();
      for (Room* room : busy_) broadcast(*room);
      busy_.clear();
      acknowledge();
    }
  }

 private:
  static void announce(const char* ready_file, int port) {
    FILE* file = std::fopen(ready_file, "w");
    if (file == nullptr) die(ready_file);
    std::fprintf(file, "%d\n", port);
    std::fclose(file);
  }

  void watch(int operation, int fd, std::uint32_t events) const {
    epoll_event event{.events = events, .data = {.fd = fd}};
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void handle(const epoll_event& event) {
    if (event.data.fd == listener_) return accept_all();
    Connection& connection = *connections_[static_cast<std::size_t>(event.data.fd)];
    if (event.events & EPOLLOUT) send_waiting(event.data.fd, connection);
    if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(event.data.fd, connection);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(static_cast<std::size_t>(fd) + 1);
      connections_[static_cast<std::size_t>(fd)] = std::make_unique<Connection>();
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  void read(int fd, Connection& connection) {
    if (connection.room == nullptr) return greet(fd, connection);
    if (!connection.publishes) return discard(fd);
    Room& room = *connection.room;
    if (room.batch == nullptr) {
      room.batch = batches_.take();
      busy_.push_back(&room);
    }
    if (room.batch->size == batch_bytes) return;  // the rest in the next tick
    const auto got = recv(fd, room.batch->bytes.get() + room.batch->size, batch_bytes - room.batch->size, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return drop(fd);
    if (got < 0) return;
    room.batch->size += static_cast<std::size_t>(got);
    connection.kept_bytes += static_cast<std::uint64_t>(got);
    if (log_.keeps()) heard_.push_back(fd);
  }

  void greet(int fd, Connection& connection) {
    const auto got = recv(fd, connection.greeting + connection.greeted, greeting_bytes - connection.greeted, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return drop(fd);
    if (got > 0) connection.greeted = static_cast<std::uint8_t>(connection.greeted + got);
    if (connection.greeted < greeting_bytes) return;
    const char role = connection.greeting[0];
    std::uint32_t number;
    std::memcpy(&number, connection.greeting + 1, sizeof number);
    connection.room = &rooms_[number];
    connection.publishes = role != 's';
    connection.subscribes = role != 'p';
    if (connection.subscribes) connection.room->subscribers.push_back(fd);
    send(fd, "k", 1, MSG_NOSIGNAL);
  }

  void discard(int fd) {
    char scrap[256];
    const auto got = recv(fd, scrap, sizeof scrap, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) drop(fd);
  }

  void keep() const {
    for (const Room* room : busy_) log_.append(*room->batch);
    log_.commit();
  }

  /// A publisher that doesn't read this has only itself to blame: it is little, and fits into any socket's buffer.
  void acknowledge() {
    for (const int fd : heard_)
      if (const auto& connection = connections_[static_cast<std::size_t>(fd)])
        send(fd, &connection->kept_bytes, sizeof connection->kept_bytes, MSG_NOSIGNAL);
    heard_.clear();
  }

  void broadcast(Room& room) {
    Batch* batch = std::exchange(room.batch, nullptr);
    if (batch->size > 0)
      for (const int fd : room.subscribers) pass_on(fd, batch);
    batches_.release(batch);
  }

  void pass_on(int fd, Batch* batch) {
    Connection& connection = *connections_[static_cast<std::size_t>(fd)];
    std::size_t sent = 0;
    if (connection.waiting.empty()) {
      const auto took = send(fd, batch->bytes.get(), batch->size, MSG_NOSIGNAL);
      if (took == static_cast<ssize_t>(batch->size)) return;
      if (took > 0) sent = static_cast<std::size_t>(took);
      watch(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
    }
    ++batch->users;
    connection.waiting.push_back({batch, sent});
  }

  void send_waiting(int fd, Connection& connection) {
    std::size_t done = 0;
    for (auto& [batch, offset] : connection.waiting) {
      const auto took = send(fd, batch->bytes.get() + offset, batch->size - offset, MSG_NOSIGNAL);
      if (took > 0) offset += static_cast<std::size_t>(took);
      if (offset < batch->size) break;
      batches_.release(batch);
      ++done;
    }
    connection.waiting.erase(connection.waiting.begin(),
                             connection.waiting.begin() + static_cast<std::ptrdiff_t>(done));
    if (connection.waiting.empty()) watch(EPOLL_CTL_MOD, fd, EPOLLIN);
  }

  void drop(int fd) {
    auto& connection = connections_[static_cast<std::size_t>(fd)];
    if (connection->subscribes) std::erase(connection->room->subscribers, fd);
    for (auto& [batch, offset] : connection->waiting) batches_.release(batch);
    connection.reset();
    close(fd);
  }

  int epoll_ = -1;
  int listener_ = -1;
  Log log_;
  Batches batches_;
  std::unordered_map<std::uint32_t, Room> rooms_;
  std::vector<std::unique_ptr<Connection>> connections_;  ///< by descriptor
  std::vector<Room*> busy_;                               ///< have something to broadcast at the end of the tick
  std::vector<int> heard_;                                ///< publishers that are owed an acknowledgement
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && count != 4) {
    std::fputs("usage: hubbub_floor READY_FILE [LOG commit|fsync]\n", stderr);
    return 64;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const Log log = count == 4 ? Log(arguments[2], std::string_view(arguments[3]) == "fsync") : Log();
  Floor(arguments[1], log).run();
}
