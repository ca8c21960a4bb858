#include "server/config_settings.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace hubbub::server {

namespace {

// A field of Config as a function, since a pointer to a member can't reach into a member.
#define HUBBUB_FIELD(path) \
  [](Config & config) -> auto& { return config.path; }

constexpr auto live = Reload::live;
constexpr auto next_start = Reload::next_start;

const std::array settings_table = {
    Setting{"hub.listen", AddressList{HUBBUB_FIELD(hub.listen)}, next_start,
            "where to listen: tcp://host:port (port 0: any free one) or unix:///path; may be given several times"},
    Setting{"hub.cores", WholeNumber{HUBBUB_FIELD(hub.cores), bounds::cores, ""}, next_start,
            "threads that serve sessions and rooms; 0: one per processor"},
    Setting{"hub.insecure", Switch{HUBBUB_FIELD(hub.insecure)}, next_start,
            "listen beyond the loopback although nothing is encrypted"},
    Setting{"hub.ready_file", FilePath{HUBBUB_FIELD(hub.ready_file)}, next_start,
            "write where the hub listens to this file, one URL a line, once it accepts; removed at the end"},

    Setting{
        "hub.data", FilePath{HUBBUB_FIELD(hub.data), "DIR"}, next_start,
        "where to keep what outlives the hub; none: keep nothing; empty: $XDG_STATE_HOME/hubbub, /var/lib/hubbub for "
        "root"},

    Setting{"rooms.rules", RuleList{HUBBUB_FIELD(rooms.rules)}, live,
            "how rooms are kept, the first that matches decides: 'PATTERN durability=memory|commit|fsync messages=N "
            "bytes=N age=N'; may be given several times; elsewhere for ever"},
    Setting{"search.index", Switch{HUBBUB_FIELD(search.index)}, next_start, "keep an index of words, for search"},

    Setting{"limits.connections", WholeNumber{HUBBUB_FIELD(limits.connections), bounds::connections, ""}, live,
            "connections in all"},
    Setting{"limits.connections_per_address",
            WholeNumber{HUBBUB_FIELD(limits.connections_per_address), bounds::connections_per_address, ""}, live,
            "connections from one IP address"},
    Setting{"limits.rooms", WholeNumber{HUBBUB_FIELD(limits.rooms), bounds::rooms, ""}, live, "rooms in all"},
    Setting{"limits.members_per_room", WholeNumber{HUBBUB_FIELD(limits.members_per_room), bounds::members_per_room, ""},
            live, "members of one room"},
    Setting{"limits.rooms_per_session",
            WholeNumber{HUBBUB_FIELD(limits.rooms_per_session), bounds::rooms_per_session, ""}, live,
            "rooms that one session receives at once"},
    Setting{"limits.patterns_per_session",
            WholeNumber{HUBBUB_FIELD(limits.patterns_per_session), bounds::patterns_per_session, ""}, live,
            "patterns that one session subscribes to"},
    Setting{"limits.joins_per_person", WholeNumber{HUBBUB_FIELD(limits.joins_per_person), bounds::joins_per_person, ""},
            live, "rooms that one person is a member of"},
    Setting{"limits.calls_in_flight", WholeNumber{HUBBUB_FIELD(limits.calls_in_flight), bounds::calls_in_flight, ""},
            live, "calls of one session that wait for their reply"},
    Setting{"limits.message_rate", WholeNumber{HUBBUB_FIELD(limits.message_rate), bounds::message_rate, "messages/s"},
            live, "messages that one session may publish per second; 0: no limit"},
    Setting{"limits.message_burst", WholeNumber{HUBBUB_FIELD(limits.message_burst), bounds::message_burst, "messages"},
            live, "messages that one session may publish at once under that rate; 0: a second's worth"},
    Setting{"limits.queued_bytes", WholeNumber{HUBBUB_FIELD(limits.queued_bytes), bounds::queued_bytes, "bytes"}, live,
            "unsent output of one session; past it the session reads from the rooms' tails at its own pace"},
    Setting{"limits.reply_cache", WholeNumber{HUBBUB_FIELD(limits.reply_cache), bounds::reply_cache, ""}, live,
            "replies kept for callers that ask again after a lost connection"},

    Setting{"tail.messages", WholeNumber{HUBBUB_FIELD(tail.messages), bounds::tail_messages, ""}, live,
            "messages that one room remembers"},
    Setting{"tail.bytes", WholeNumber{HUBBUB_FIELD(tail.bytes), bounds::tail_bytes, "bytes"}, live,
            "bytes that one room remembers"},
    Setting{"tail.total_bytes", WholeNumber{HUBBUB_FIELD(tail.total_bytes), bounds::tail_total_bytes, "bytes"}, live,
            "bytes that all rooms together remember"},

    Setting{"liveness.handshake_ms", WholeNumber{HUBBUB_FIELD(liveness.handshake_ms), bounds::handshake_ms, "ms"}, live,
            "time for a new connection to say who it is"},
    Setting{"liveness.ping_ms", WholeNumber{HUBBUB_FIELD(liveness.ping_ms), bounds::ping_ms, "ms"}, live,
            "silence after which the hub asks whether a client is still there"},
    Setting{"liveness.pong_ms", WholeNumber{HUBBUB_FIELD(liveness.pong_ms), bounds::pong_ms, "ms"}, live,
            "time for the answer, before the connection is closed"},
    Setting{"liveness.drain_ms", WholeNumber{HUBBUB_FIELD(liveness.drain_ms), bounds::drain_ms, "ms"}, live,
            "time for clients to take what is queued when the hub stops"},

    Setting{"log.level", LevelChoice{HUBBUB_FIELD(log.level)}, live, "the least important lines that are logged"},
    Setting{"log.format", FormatChoice{HUBBUB_FIELD(log.format)}, live, "lines for people, or one JSON object a line"},
};

#undef HUBBUB_FIELD

/// Levenshtein's distance.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// The key without its table.
std::string_view last_word(std::string_view key) { return key.substr(key.rfind('.') + 1); }

/// `limits.queued_bytes` → `limits-queued-bytes`; `hub.` is left out.
std::string joined_name(const Setting& setting, char joint) {
  std::string name(setting.key.starts_with("hub.") ? setting.key.substr(4) : setting.key);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, joint);
  return name;
}

}  // namespace

std::span<const Setting> settings() { return settings_table; }

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(settings_table, key, &Setting::key);
  return found == settings_table.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view misspelt) {
  constexpr std::size_t length_max = 100;  // the distance takes time in the square of it
  if (misspelt.size() > length_max) return {};
  for (const auto& setting : settings_table)  // the right word in the wrong table
    if (last_word(setting.key) == last_word(misspelt)) return setting.key;
  std::string_view nearest;
  std::size_t least = 1 + std::max<std::size_t>(2, misspelt.size() / 4);
  for (const auto& setting : settings_table) {
    const auto edits = edits_between(misspelt, setting.key);
    if (edits < least) least = edits, nearest = setting.key;
  }
  return nearest;
}

const Setting* nearest_variable(std::string_view name) {
  constexpr std::size_t edits_max = 2;
  constexpr std::size_t length_max = 100;  // the distance takes time in the square of it
  if (name.size() > length_max) return nullptr;
  const Setting* nearest = nullptr;
  std::size_t least = edits_max + 1;
  for (const auto& setting : settings_table) {
    const auto edits = edits_between(name, environment_name(setting));
    if (edits < least) least = edits, nearest = &setting;
  }
  return nearest;
}

std::string environment_name(const Setting& setting) {
  std::string name = "HUBBUBD_" + joined_name(setting, '_');
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return name;
}

std::string flag_name(const Setting& setting) { return "--" + joined_name(setting, '-'); }

}  // namespace hubbub::server
