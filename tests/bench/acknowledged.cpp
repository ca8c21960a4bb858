#include "tests/bench/acknowledged.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace hubbub::bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;
constexpr std::size_t slow_read_bytes = 16 * 1024;
constexpr std::int64_t tick_ns = 1'000'000;  ///< how exactly a pace is kept
constexpr double patience_s = 20;            ///< without any progress: something is lost

void answer(const Connection& connection, std::string_view bytes) {
  if (!bytes.empty()) send(connection.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

AcknowledgedLoad::AcknowledgedLoad(const Dialect& dialect, const AcknowledgedShape& shape)
    : dialect_(dialect), shape_(shape), bodies_(shape.body_bytes), buffer_(read_bytes) {}

std::size_t AcknowledgedLoad::add(Connection& connection) {
  const auto index = lanes_.size();
  auto& lane = lanes_.emplace_back();
  lane.connection = &connection;
  if (!connection.part.from_start) lane.published_before = published_in(connection.part.rooms.front());
  poller_.add(connection.fd, index, EPOLLIN);
  if (!connection.part.publishes)
    connection.received.erase(0, take_deliveries(lane));  // those right behind the greeting
  return index;
}

std::size_t AcknowledgedLoad::add_slow(Connection& connection, double bytes_per_s) {
  const auto index = add(connection);
  auto& lane = lanes_[index];
  lane.bytes_per_s = bytes_per_s;
  lane.slow_since = Clock::now();
  poller_.remove(connection.fd);
  return index;
}

void AcknowledgedLoad::remove_last() {
  poller_.remove(lanes_.back().connection->fd);
  lanes_.pop_back();
}

std::uint64_t AcknowledgedLoad::published_in(std::uint32_t room) const {
  for (const auto& lane : lanes_)
    if (lane.connection->part.publishes && lane.connection->part.rooms.front() == room) return lane.published;
  return 0;
}

void AcknowledgedLoad::run(double seconds, double messages_per_s, const std::function<bool()>& enough) {
  std::uint64_t most = 0;
  for (const auto& lane : lanes_) most = std::max(most, lane.published);
  const auto start = Clock::now();
  for (auto passed = 0.0; passed < seconds && !(enough && enough()); passed = seconds_since(start)) {
    allowed_ = messages_per_s > 0 ? most + static_cast<std::uint64_t>(messages_per_s * passed)
                                  : std::numeric_limits<std::uint64_t>::max();
    publish_all();
    poll_once();
  }
}

void AcknowledgedLoad::finish() {
  allowed_ = 0;
  for (std::size_t index = 0; index < lanes_.size(); ++index)
    if (std::exchange(lanes_[index].bytes_per_s, 0) > 0) poller_.add(lanes_[index].connection->fd, index, EPOLLIN);
  auto bytes = bytes_;
  auto progress = Clock::now();
  while (!std::ranges::all_of(lanes_, [this](const Lane& lane) { return is_done(lane); })) {
    poll_once();
    if (std::exchange(bytes, bytes_) != bytes_) progress = Clock::now();
    if (seconds_since(progress) > patience_s) throw Failed("something was never acknowledged, or never arrived");
  }
}

bool AcknowledgedLoad::is_done(const Lane& lane) const {
  const auto& part = lane.connection->part;
  if (part.publishes) return lane.acknowledged == lane.published && lane.unsent.empty();
  const auto owed = published_in(part.rooms.front()) - lane.published_before;
  if (lane.delivered > owed) throw Failed("more was delivered than was published");
  return lane.delivered == owed;
}

void AcknowledgedLoad::poll_once() {
  poller_.wait(tick_ns, [this](std::size_t index, std::uint32_t events) {
    if (events & EPOLLOUT) write(index);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(index, read_bytes);
  });
  for (std::size_t index = 0; index < lanes_.size(); ++index)
    if (lanes_[index].bytes_per_s > 0) read_slowly(index);
}

void AcknowledgedLoad::publish_all() {
  for (std::size_t index = 0; index < lanes_.size(); ++index)
    if (lanes_[index].connection->part.publishes) publish(index);
}

void AcknowledgedLoad::publish(std::size_t index) {
  auto& lane = lanes_[index];
  const auto& part = lane.connection->part;
  const auto until = std::min(lane.acknowledged + shape_.in_flight, allowed_);
  if (!lane.unsent.empty() || lane.published >= until) return;
  const auto now = shape_.dated ? now_ns() : 0;
  while (lane.published < until) {
    lane.number = std::max(lane.number + 1, now);
    dialect_.publish_acknowledged(lane.unsent, part.rooms.front(), lane.connection->room_handles.front(),
                                  ++lane.published, bodies_.make(lane.number));
  }
  write(index);
}

void AcknowledgedLoad::write(std::size_t index) {
  auto& lane = lanes_[index];
  const auto sent =
      send(lane.connection->fd.get(), lane.unsent.data() + lane.sent, lane.unsent.size() - lane.sent, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) fail_with_errno("publishing");
  lane.sent += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  const bool all = lane.sent == lane.unsent.size();
  if (all) {
    lane.unsent.clear();
    lane.sent = 0;
  }
  if (std::exchange(lane.waits_to_write, !all) == all)
    poller_.change(lane.connection->fd, index, all ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void AcknowledgedLoad::read(std::size_t index, std::size_t bytes_max) {
  auto& lane = lanes_[index];
  auto& connection = *lane.connection;
  const auto got = recv(connection.fd.get(), buffer_.data(), bytes_max, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) throw Failed("the server closed a connection");
  bytes_ += static_cast<std::uint64_t>(got);
  lane.bytes_read += static_cast<double>(got);
  connection.received.append(buffer_.data(), static_cast<std::size_t>(got));
  const auto taken = connection.part.publishes ? take_acknowledgements(lane) : take_deliveries(lane);
  connection.received.erase(0, taken);
  if (connection.part.publishes) publish(index);
}

void AcknowledgedLoad::read_slowly(std::size_t index) {
  const auto& lane = lanes_[index];
  if (lane.bytes_read < lane.bytes_per_s * seconds_since(lane.slow_since)) read(index, slow_read_bytes);
}

std::size_t AcknowledgedLoad::take_acknowledgements(Lane& lane) {
  std::string_view left = lane.connection->received;
  const auto before = lane.acknowledged;
  for (auto parsed = dialect_.parse_acknowledged(left); parsed.bytes > 0; parsed = dialect_.parse_acknowledged(left)) {
    left.remove_prefix(parsed.bytes);
    answer(*lane.connection, parsed.answer);
    lane.acknowledged = std::max(lane.acknowledged + parsed.more, parsed.up_to);
  }
  if (lane.acknowledged > lane.published) throw Failed("more was acknowledged than was published");
  if (lane.acknowledged > before) acknowledged_at_ = Clock::now();
  acknowledged_ += lane.acknowledged - before;
  return lane.connection->received.size() - left.size();
}

std::size_t AcknowledgedLoad::take_deliveries(Lane& lane) {
  std::string_view left = lane.connection->received;
  for (auto parsed = dialect_.parse(left); parsed.bytes > 0; parsed = dialect_.parse(left)) {
    left.remove_prefix(parsed.bytes);
    answer(*lane.connection, parsed.answer);
    if (parsed.is_delivery) see(lane, parsed.body);
  }
  lane.delivered_at = Clock::now();
  return lane.connection->received.size() - left.size();
}

void AcknowledgedLoad::see(Lane& lane, std::string_view body) {
  const auto number = bodies_.number_in(body);
  if (number <= std::exchange(lane.number, number)) throw Failed("a message came twice or out of order");
  ++lane.delivered;
  if (shape_.dated && lane.bytes_per_s <= 0) latencies_ms_.push_back(static_cast<double>(now_ns() - number) * 1e-6);
}

}  // namespace hubbub::bench
