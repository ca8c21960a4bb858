#include "tests/bench/windowed.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace hubbub::bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;
constexpr std::size_t drop_bytes = 4 * 1024 * 1024;
constexpr double patience_s = 10;  ///< without any progress: something is lost

}  // namespace

WindowedLoad::WindowedLoad(const Dialect& dialect, std::vector<Connection>& connections, std::vector<Group> groups,
                           const WindowedShape& shape)
    : dialect_(dialect),
      connections_(connections),
      groups_(std::move(groups)),
      shape_(shape),
      delivery_bytes_(dialect.delivery_bytes(shape.body_bytes, shape.many_rooms)),
      lanes_(connections.size()),
      rounds_(groups_.size()),
      buffer_(read_bytes) {
  std::size_t subscribers = 0;
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    for (const auto index : groups_[group].publishers) prepare_publisher(index, group);
    for (const auto index : groups_[group].subscribers) {
      lanes_[index].group = group;
      lanes_[index].subscribes = true;
      lanes_[index].is_read = subscribers++ % shape_.check_every == 0;
    }
    for (const auto index : groups_[group].publishers)
      if (!lanes_[index].subscribes) lanes_[index].is_read = true;
  }
  for (std::size_t index = 0; index < lanes_.size(); ++index)
    if (lanes_[index].subscribes || !lanes_[index].chunks.empty()) poller_.add(connections_[index].fd, index, EPOLLIN);
}

void WindowedLoad::prepare_publisher(std::size_t index, std::size_t group) {
  auto& lane = lanes_[index];
  const auto& connection = connections_[index];
  const auto& rooms = connection.part.rooms;
  lane.group = group;
  const auto body = make_body(shape_.body_bytes, Mark{.sender = static_cast<std::uint32_t>(index)});
  std::string one;
  dialect_.publish(one, rooms.front(), connection.room_handles.front(), body);
  publish_bytes_ = one.size();
  mark_at_ = one.find(body);
  const auto messages = std::max(rooms.size(), shape_.chunk_messages);
  for (std::size_t i = 0; i < messages; ++i) {
    if (i % shape_.chunk_messages == 0) lane.chunks.emplace_back();
    // An order is promised within a room: as far as the check goes, somebody else speaks in each.
    const auto room = i % rooms.size();
    const auto speaker = static_cast<std::uint32_t>(index + room * connections_.size());
    const auto said = make_body(shape_.body_bytes, Mark{.sender = speaker});
    dialect_.publish(lane.chunks.back(), rooms[room], connection.room_handles[room], said);
  }
}

Measured WindowedLoad::run(double seconds, pid_t server) {
  Measured measured;
  const auto published_before = published();
  const auto bytes_before = bytes_;
  const auto checked_before = checked_;
  const auto cpu_before = cpu_seconds(server);
  const auto own_before = own_cpu_seconds();
  const auto start = Clock::now();
  issuing_ = true;
  for (std::size_t group = 0; group < groups_.size(); ++group) move_on(group);
  while (seconds_since(start) < seconds) poll_once();
  issuing_ = false;
  wait_until_idle();
  measured.wall_s = seconds_since(start);
  measured.server_cpu_s = cpu_seconds(server) - cpu_before;
  measured.generator_cpu_s = own_cpu_seconds() - own_before;
  measured.deliveries = (bytes_ - bytes_before) / delivery_bytes_;
  measured.checked = checked_ - checked_before;
  make_sure_of_all();
  measured.published = published() - published_before;
  return measured;
}

std::uint64_t WindowedLoad::published() const {
  std::uint64_t count = 0;
  for (const auto& lane : lanes_) count += lane.number;
  return count;
}

void WindowedLoad::poll_once() {
  poller_.wait(10'000'000, [this](std::size_t index, std::uint32_t events) { handle(index, events); });
}

void WindowedLoad::wait_until_idle() {
  for (std::size_t group = 0; group < groups_.size(); ++group) count_arrived(group);
  auto last_progress = Clock::now();
  auto bytes = bytes_;
  const auto is_idle = [this](std::size_t group) {
    return rounds_[group].arrived == groups_[group].subscribers.size() && rounds_[group].writing == 0;
  };
  for (std::size_t group = 0; group < groups_.size();) {
    if (is_idle(group)) {
      ++group;
      continue;
    }
    poll_once();
    if (std::exchange(bytes, bytes_) != bytes_) last_progress = Clock::now();
    if (seconds_since(last_progress) > patience_s) throw Failed("messages were lost: they never arrived");
  }
}

std::uint64_t WindowedLoad::wanted(std::size_t group) const {
  const auto issued = rounds_[group].issued;
  const auto rounds = issuing_ && issued > 0 ? issued - 1 : issued;
  return rounds * shape_.deliveries_per_round * delivery_bytes_;
}

void WindowedLoad::count_arrived(std::size_t group) {
  const auto wanted_bytes = wanted(group);
  rounds_[group].arrived = static_cast<std::size_t>(std::ranges::count_if(
      groups_[group].subscribers, [&](std::size_t index) { return lanes_[index].delivery_bytes >= wanted_bytes; }));
}

/// Starts rounds of a group as long as its window lets it.
void WindowedLoad::move_on(std::size_t group) {
  auto& round = rounds_[group];
  count_arrived(group);
  while (issuing_ && round.writing == 0 && round.arrived == groups_[group].subscribers.size()) {
    start_round(group);
    count_arrived(group);
  }
}

void WindowedLoad::start_round(std::size_t group) {
  auto& round = rounds_[group];
  ++round.issued;
  round.writing = groups_[group].publishers.size();
  for (const auto index : groups_[group].publishers) {
    auto& lane = lanes_[index];
    auto& chunk = lane.chunks[lane.next_chunk];
    lane.next_chunk = (lane.next_chunk + 1) % lane.chunks.size();
    number_chunk(lane, chunk);
    lane.unsent = chunk;
    write(index);
  }
}

void WindowedLoad::number_chunk(Lane& lane, std::string& chunk) const {
  constexpr std::size_t number_at = offsetof(Mark, number);
  for (std::size_t at = mark_at_ + number_at; at < chunk.size(); at += publish_bytes_) {
    ++lane.number;
    std::memcpy(chunk.data() + at, &lane.number, sizeof lane.number);
  }
}

void WindowedLoad::write(std::size_t index) {
  auto& lane = lanes_[index];
  const auto& fd = connections_[index].fd;
  if (lane.unsent.empty()) return;
  const auto whole = lane.unsent.size();
  const auto sent = send(fd.get(), lane.unsent.data(), whole, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) fail_with_errno("publishing");
  if (sent > 0) lane.unsent.remove_prefix(static_cast<std::size_t>(sent));
  if (lane.unsent.empty()) --rounds_[lane.group].writing;
  if (std::exchange(lane.waits_to_write, !lane.unsent.empty()) != lane.waits_to_write)
    poller_.change(fd, index, lane.waits_to_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void WindowedLoad::handle(std::size_t index, std::uint32_t events) {
  if (events & EPOLLOUT) {
    write(index);
    move_on(lanes_[index].group);
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(index);
}

void WindowedLoad::read(std::size_t index) {
  if (lanes_[index].is_read)
    read_and_check(index);
  else
    count_only(index);
}

void WindowedLoad::count_only(std::size_t index) {
  const auto got = recv(connections_[index].fd.get(), nullptr, drop_bytes, MSG_TRUNC);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) throw Failed("the server closed a subscriber's connection");
  note_progress(index, static_cast<std::uint64_t>(got));
}

void WindowedLoad::read_and_check(std::size_t index) {
  auto& connection = connections_[index];
  const auto got = recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) throw Failed("the server closed a connection");
  connection.received.append(buffer_.data(), static_cast<std::size_t>(got));
  std::string_view left = connection.received;
  std::uint64_t deliveries = 0;
  for (auto parsed = dialect_.parse(left); parsed.bytes > 0; parsed = dialect_.parse(left)) {
    left.remove_prefix(parsed.bytes);
    if (!parsed.answer.empty()) send(connection.fd.get(), parsed.answer.data(), parsed.answer.size(), MSG_NOSIGNAL);
    if (!parsed.is_delivery) continue;
    lanes_[index].order.see(read_body(parsed.body, shape_.body_bytes));
    ++deliveries;
  }
  connection.received.erase(0, connection.received.size() - left.size());
  checked_ += deliveries;
  if (deliveries > 0) note_progress(index, deliveries * delivery_bytes_);
}

void WindowedLoad::note_progress(std::size_t index, std::uint64_t bytes) {
  auto& lane = lanes_[index];
  const auto wanted_bytes = wanted(lane.group);
  const bool had_it = lane.delivery_bytes >= wanted_bytes;
  lane.delivery_bytes += bytes;
  bytes_ += bytes;
  if (had_it || lane.delivery_bytes < wanted_bytes) return;
  auto& round = rounds_[lane.group];
  if (++round.arrived == groups_[lane.group].subscribers.size()) move_on(lane.group);
}

/// Every subscriber has every message, and nothing else but the server's pings.
void WindowedLoad::make_sure_of_all() const {
  for (std::size_t group = 0; group < groups_.size(); ++group)
    for (const auto index : groups_[group].subscribers) {
      const auto extra = lanes_[index].delivery_bytes - wanted(group);
      const auto ping = dialect_.ping_bytes();
      const bool only_pings = extra == 0 || (ping > 0 && extra % ping == 0 && extra < delivery_bytes_);
      if (!only_pings) throw Failed("a subscriber got more bytes than were owed to it");
    }
}

}  // namespace hubbub::bench
