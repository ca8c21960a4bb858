// What a commit costs: the writer of the hub's database alone, against writing the same bytes to a file.
//   hubbub_commits [FOLDER]
// One room, 128 B bodies, one producer; so many messages in a commit, each commit waited for. Prints a table.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "proto/hot.hpp"
#include "server/log/sqlite/reader.hpp"
#include "server/log/sqlite/writer.hpp"

namespace {

using namespace hubbub;
using namespace hubbub::server;
using Clock = std::chrono::steady_clock;

constexpr RoomId room{1};
constexpr std::size_t body_bytes = 128;

/// Messages first … as a room writes them.
Batch batch_of(Seq first, std::size_t messages, bool fsync) {
  const std::string body(body_bytes, 'x');
  const auto frame_bytes = proto::delivery_frame_bytes(5, 0, body_bytes);
  const auto chunk = ChunkRef::make(static_cast<std::uint32_t>(frame_bytes * messages));
  char* at = chunk->data();
  Batch batch;
  PublishRun run{ClientId{{1}}, 0, PublishId{first.value}, first, {}};
  for (std::size_t i = 0; i < messages; ++i) {
    const Seq seq{first.value + i};
    at = proto::write_delivery(at, {room, seq, WallTime{seq.value}, 0, proto::Kind::data, "alice"}, {}, body);
    run.hashes.push_back(seq.value * 0x9e3779b97f4a7c15);
  }
  batch.frames = {chunk, 0,     static_cast<std::uint32_t>(frame_bytes * messages),
                  room,  first, Seq{first.value + messages - 1}};
  batch.first_time = batch.last_time = WallTime{first.value};
  batch.fsync = fsync;
  batch.runs.push_back(std::move(run));
  return batch;
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}
template <class T>
T value_of(Result<T> result) {
  if (!result) die(result.error().sentence);
  return std::move(*result);
}
void value_of(const Result<void>& result) {
  if (!result) die(result.error().sentence);
}

struct Measured {
  double messages_per_second = 0;
  double worst_ms = 0;
};

/// Calls `commit(first, messages)` for some seconds, or until so much is written.
template <class Commit>
Measured measure(std::size_t messages, Commit&& commit) {
  constexpr auto how_long = std::chrono::seconds(3);
  constexpr std::uint64_t messages_max = 6'000'000;  // about a gigabyte
  const auto begin = Clock::now();
  Measured measured;
  std::uint64_t done = 0;
  auto before = begin;
  while (before - begin < how_long && done < messages_max) {
    commit(Seq{done + 1}, messages);
    done += messages;
    const auto now = Clock::now();
    measured.worst_ms = std::max(measured.worst_ms, std::chrono::duration<double, std::milli>(now - before).count());
    before = now;
  }
  measured.messages_per_second = static_cast<double>(done) / std::chrono::duration<double>(before - begin).count();
  return measured;
}

Measured measure_writer(const std::string& folder, std::size_t messages, bool fsync) {
  const auto path = folder + "/hub.db";
  auto writer = value_of(sqlite::Writer::open({path, {}, {}}));
  const std::vector<Record> made = {Changes{{RoomMade{room, "room"}}, std::nullopt}};
  value_of(writer->commit(made));
  std::vector<Record> group(1);
  const auto measured = measure(messages, [&](Seq first, std::size_t count) {
    group[0] = batch_of(first, count, fsync);
    value_of(writer->commit(group));
    value_of(writer->shorten_log(false));
    value_of(writer->tend({}));
  });
  writer.reset();
  std::filesystem::remove_all(path);
  return measured;
}

Measured measure_file(const std::string& folder, std::size_t messages) {
  const auto path = folder + "/file";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0) die("can't open " + path);
  const auto measured = measure(messages, [&](Seq first, std::size_t count) {
    const auto batch = batch_of(first, count, true);
    const auto bytes = batch.frames.view();
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) die("can't write " + path);
  });
  ::close(file);
  ::unlink(path.c_str());
  return measured;
}

/// A million messages, read from the first to the last by 256 KiB; and pages of 50 from the middle.
void measure_reader(const std::string& folder, std::size_t messages) {
  const auto path = folder + "/hub.db";
  constexpr std::uint64_t all = 1'000'000;
  auto writer = value_of(sqlite::Writer::open({path, {}, {}}));
  std::vector<Record> group = {Changes{{RoomMade{room, "room"}}, std::nullopt}};
  for (std::uint64_t seq = 1; seq <= all; seq += messages) {
    group.emplace_back(batch_of(Seq{seq}, messages, false));
    value_of(writer->commit(group));
    group.clear();
  }
  writer.reset();
  auto reader = value_of(sqlite::Reader::open(path));
  auto begin = Clock::now();
  for (Seq from{1}; from.value <= all;) {
    const auto found = value_of(reader->read(room, from, newest, 256 * 1024));
    if (found.slices.empty()) break;
    from = found.slices.back().last.next();
  }
  const auto seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  constexpr int pages = 1000;
  begin = Clock::now();
  for (std::uint64_t i = 0; i < pages; ++i) {
    const auto from = 1 + i * 7919 % (all - 100);
    value_of(reader->read(room, Seq{from}, Seq{from + 49}, SIZE_MAX));
  }
  const auto page_us = std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / pages;
  std::printf("%10zu %14.0f %14.1f\n", messages, all / seconds, page_us);
  reader.reset();
  std::filesystem::remove_all(path);
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = std::string(argc > 1 ? argv[1] : ".") + "/commits-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) die("can't make " + folder);
  std::printf("messages/s (and the longest wait in ms), by messages in a commit\n%10s %22s %22s %22s\n", "", "commit",
              "fsync", "file + fdatasync");
  for (const std::size_t messages : {1, 64, 512, 4096}) {
    const auto commit = measure_writer(folder, messages, false);
    const auto fsync = measure_writer(folder, messages, true);
    const auto file = measure_file(folder, messages);
    std::printf("%10zu %14.0f (%5.1f) %14.0f (%5.1f) %14.0f (%5.1f)\n", messages, commit.messages_per_second,
                commit.worst_ms, fsync.messages_per_second, fsync.worst_ms, file.messages_per_second, file.worst_ms);
  }
  std::printf("\nreading: messages/s from the first to the last, and microseconds for 50 from the middle\n");
  for (const std::size_t messages : {1, 64, 512}) measure_reader(folder, messages);
  std::filesystem::remove_all(folder);
}
