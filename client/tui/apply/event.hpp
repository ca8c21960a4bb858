// Everything that can happen to the terminal client.
//   keyboard, terminal, clock, link, answers of the hub --Event--> apply()
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "client/link/types.hpp"
#include "client/tui/input/key.hpp"
#include "client/tui/screen.hpp"
#include "client/tui/state/effect.hpp"
#include "proto/methods/people.hpp"
#include "proto/methods/rooms.hpp"

namespace hubbub::tui {

struct Resized {
  Size size;
};

/// What time it is, and how far away the hub; now and then, and before any other event that needs the time.
struct Tick {
  WallTime now;
  std::optional<std::uint64_t> round_trip_us;
};

/// The ends of what effects began.
struct HearDirectFailed {
  Error why;
};
struct JoinEnded {
  RoomName room;
  Result<proto::RoomJoin::Reply> reply;
};
struct MembersCame {
  RoomName room;
  std::vector<proto::Person> members;
  std::uint64_t changes = 0;  ///< of the question
};
struct HistoryPage {
  Seq first;  ///< the oldest that the room still has
  std::vector<link::Message> messages;
  std::vector<link::Message> amendments = {};  ///< what was said about them later
};
struct HistoryCame {
  AskHistory asked;
  Result<HistoryPage> page;
};
struct PinsCame {
  RoomName room;
  HistoryPage page;
};
struct CursorSet {
  SetCursor asked;
  Result<Seq> seq;
};
struct SearchPage {
  std::vector<link::Message> messages;  ///< the newest first
  bool more = false;
  std::uint64_t unindexed = 0;
};
struct SearchCame {
  AskSearch asked;
  Result<SearchPage> page;
};
struct SayEnded {
  Say said;
  Result<Seq> seq;
};
struct TopicCame {
  RoomName room;
  proto::RoomTopic::Reply topic;
};
struct WhoCame {
  std::vector<proto::Person> people;
};
struct RoomsCame {
  std::vector<proto::RoomInfo> rooms;
  bool more = false;
  bool quiet = false;
};
/// A command was refused.
struct Refused {
  Error why;
};
/// The hub took the name that was asked for.
struct Renamed {
  PersonName to;
};
/// The hub knows that whoever types here is away; empty: back.
struct AwaySet {
  AwayText text;
};

/// What became of SayLater, AskLater or CancelLater: harmless lines.
struct LaterAnswered {
  RoomName room;
  std::vector<std::string> lines;
};

/// A service has answered, or hasn't: harmless lines.
struct ServiceCalled {
  RoomName room;
  std::string receipt;
  std::vector<std::string> result;
  bool failed = false;
};

/// What Execute runs has written a line: harmless text.
struct ExecLine {
  std::string text;
};
/// It has ended, or couldn't be started; `how` is empty if it succeeded.
struct ExecEnded {
  std::string how;
  std::uint64_t lines_left_out = 0;  ///< that it wrote, and nobody was told
};

using Event = std::variant<Key, Resized, Tick, link::Incoming, HearDirectFailed, JoinEnded, MembersCame, HistoryCame,
                           CursorSet, SearchCame, SayEnded, TopicCame, WhoCame, RoomsCame, Refused, Renamed, AwaySet,
                           LaterAnswered, ServiceCalled, ExecLine, ExecEnded, PinsCame>;

}  // namespace hubbub::tui
