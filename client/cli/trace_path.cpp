#include "client/cli/trace_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "client/cli/columns.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

using Side = link::Stamp::Side;

/// Words of stamps, as people call what they mean.
struct Mechanism {
  std::string_view word, name;
};
constexpr std::array mechanisms = {
    Mechanism{"unix", "UNIX socket"},
    Mechanism{"tcp", "TCP"},
    Mechanism{"agent", "UNIX socket"},
    Mechanism{"socket", "UNIX socket"},
    Mechanism{"json", "UNIX socket, JSON line"},
    Mechanism{"ring", "shared memory ring"},
    Mechanism{"history", "read again from the hub's log"},
};

/// Of those, what a hub's messages come by.
constexpr std::array<std::string_view, 3> from_hub = {"tcp", "unix", "history"};

std::string name_of(std::string_view word) {
  const auto* const found = std::ranges::find(mechanisms, word, &Mechanism::word);
  return found == mechanisms.end() ? escape_for_terminal(word) : std::string(found->name);
}

std::string wait_behind(const link::Stamp& sent) {
  if (sent.by == "outbox" || sent.by == "memory") return "the hub was away; until it was back it lay in the " + sent.by;
  return "the opening of the room, the sender's outbox, or the hub had others to read first";
}

std::string wait_before(const link::Stamp& received) {
  const auto busy = escape_for_terminal(received.hop) + " was busy with others";
  if (received.by == "history") return "its reader was behind, and was given it later";
  return (received.by == "socket" ? "the opening of the room, or " : "it was on its way, or ") + busy;
}

Hop hop_of(const link::Stamp& stamp, bool is_first) {
  const auto name = escape_for_terminal(stamp.hop);
  if (stamp.side == Side::received) return {name, name_of(stamp.by), stamp.time, wait_before(stamp)};
  if (is_first) return {name, {}, stamp.time, {}};
  return {name, stamp.by == "outbox" ? "kept in the outbox" : "handed on", stamp.time, name + " was busy with others"};
}

std::string_view wait_for(proto::Durability durability) {
  switch (durability) {
    case proto::Durability::memory: return "";
    case proto::Durability::commit: return "the database's transaction, and the one before it";
    case proto::Durability::fsync: return "the disk had to make it safe, and what came before it";
  }
  return "";
}

std::string core(std::uint32_t number) { return "hub core " + std::to_string(number); }

void add_hub(const proto::RoomTrace::Reply& hub, const link::Stamp* sent, std::vector<Hop>& path) {
  path.push_back({core(hub.reader_core), hub.local ? "UNIX socket" : "TCP", hub.read,
                  sent == nullptr ? "it was on its way" : wait_behind(*sent)});
  const bool same = hub.reader_core == hub.home_core;
  path.push_back(
      {core(hub.home_core), same ? "numbered" : "lane between cores, numbered", hub.numbered,
       same ? "the room was busy" : "the room's core had others to do first, or took no more from the lane"});
  path.push_back({"log", "end of the tick", hub.logged, "what was read in the same tick was taken along"});
  path.push_back(
      {"log", std::string(proto::name_of(hub.durability)), hub.committed, std::string(wait_for(hub.durability))});
  path.push_back({"fan-out", fmt::format("{} reader{}", hub.readers, hub.readers == 1 ? "" : "s"), hub.fanned_out,
                  "many readers"});
}

double us_between(WallTime from, WallTime to) {
  return static_cast<double>(static_cast<std::int64_t>(to.ns - from.ns)) / 1000;
}

std::string show_us(double us) {
  const auto size = us < 0 ? -us : us;
  if (size < 10'000) return fmt::format("{:.0f} µs", us);
  if (size < 10'000'000) return fmt::format("{:.1f} ms", us / 1000);
  return fmt::format("{:.1f} s", us / 1'000'000);
}

struct Leg {
  double us = 0;
  std::string remark;
};

/// How long each hop took, and what there is to say of it. Clocks of different hosts that disagree show where a hop
/// seems to end before it began.
std::vector<Leg> legs_of(const std::vector<Hop>& path) {
  std::vector<Leg> legs(path.size());
  for (std::size_t i = 1; i < path.size(); ++i) legs[i].us = us_between(path[i - 1].at, path[i].at);
  const auto slowest = std::ranges::max_element(legs, {}, &Leg::us);
  const auto total = path.empty() ? 0 : us_between(path.front().at, path.back().at);
  for (std::size_t i = 1; i < path.size(); ++i) {
    auto& leg = legs[i];
    if (leg.us < 0)
      leg.remark = "the clocks of the two hosts differ, by this much at least";
    else if (&leg == &*slowest && total > 0 && !path[i].wait.empty())
      leg.remark = fmt::format("{:.0f} %: {}", std::min(100.0, 100 * leg.us / total), path[i].wait);
  }
  return legs;
}

}  // namespace

/// The first that came from a hub; what stands before it came with the message when it was published.
std::vector<Hop> path_of(const std::vector<link::Stamp>& stamps, const std::optional<proto::RoomTrace::Reply>& hub) {
  const auto behind = std::ranges::find_if(stamps, [](const link::Stamp& stamp) {
    return stamp.side == Side::received && std::ranges::count(from_hub, stamp.by) > 0;
  });
  std::vector<Hop> path;
  const auto add = [&path](const link::Stamp& stamp) { path.push_back(hop_of(stamp, path.empty())); };
  std::for_each(stamps.begin(), behind, add);
  if (hub) add_hub(*hub, behind == stamps.begin() ? nullptr : &*std::prev(behind), path);
  std::for_each(behind, stamps.end(), add);
  return path;
}

std::string show_path(const link::Message& message, const std::vector<Hop>& path) {
  auto text = fmt::format("{} {} from {}", display(message.room), message.seq.value, message.from.str());
  if (path.size() > 1) text += ": " + show_us(us_between(path.front().at, path.back().at));
  const auto legs = legs_of(path);
  Columns columns;
  for (std::size_t i = 0; i < path.size(); ++i)
    columns.add({"", path[i].name, i == 0 ? "" : "+" + show_us(legs[i].us), path[i].by,
                 legs[i].remark.empty() ? "" : "<- " + legs[i].remark});
  return text + "\n" + columns.str();
}

std::string json_path(const link::Message& message, const std::vector<Hop>& path) {
  using Json = nlohmann::ordered_json;
  Json line = {{"room", message.room.str()}, {"seq", message.seq.value}, {"from", message.from.str()}};
  line["hops"] = Json::array();
  const auto legs = legs_of(path);
  for (std::size_t i = 0; i < path.size(); ++i) {
    Json hop = {{"hop", path[i].name}, {"time_ns", path[i].at.ns}, {"took_us", legs[i].us}};
    if (!path[i].by.empty()) hop["by"] = path[i].by;
    if (!legs[i].remark.empty()) hop["remark"] = legs[i].remark;
    line["hops"].push_back(std::move(hop));
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hubbub::cli
