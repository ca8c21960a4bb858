#include "server/dump/dump.hpp"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace hubbub::server {

namespace {

std::string hex(const auto& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : id.bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// Of this process: of the child that writes, which has just what its parent had.
void write_memory(JsonWriter& json) {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto heap = ::mallinfo2();
  json.begin_object("memory");
  json.field("resident_bytes", resident * page);
  json.field("heap_used_bytes", heap.uordblks + heap.hblkhd);
  json.field("heap_free_bytes", heap.fordblks);
  json.end();
}

void write_cores(JsonWriter& json, const HubShared& hub) {
  json.begin_list("cores");
  for (const auto& core : hub.cores) {
    json.begin_object();
    json.field("core", core->index());
    json.field("published", core->figures().published.load());
    json.field("delivered", core->figures().delivered.load());
    json.field("mailbox_bytes", core->backlog() - core->home().backlog());
    json.field("uncommitted_bytes", core->home().uncommitted_bytes());
    json.field("tail_bytes", core->home().tail_bytes());
    json.field("deadlines", core->deadlines().size());
    json.end();
  }
  json.end();
}

void write_sessions(JsonWriter& json, const HubShared& hub) {
  json.begin_list("sessions");
  for (const auto& core : hub.cores) core->for_each_session([&](const Session& session) { session.dump(json); });
  json.end();
}

}  // namespace

void write_dump(JsonWriter& json, const HubShared& hub, const Directory& directory, WallTime now) {
  json.begin_object();
  json.begin_object("hub");
  json.field("version", std::string_view(HUBBUB_VERSION));
  json.field("pid", ::getppid());
  json.field("time_ns", now.ns);
  json.field("life", hex(hub.life));
  json.field("store", hex(hub.store_id));
  json.field("trouble", hub.cores.front()->home().trouble());
  json.end();
  write_memory(json);
  write_cores(json, hub);
  directory.dump(json, [&](RoomId id) {
    if (const auto* const room = hub.cores[hub.cores.front()->home_of(id)]->home().find(id)) room->dump(json);
  });
  write_sessions(json, hub);
  json.end();
}

}  // namespace hubbub::server
