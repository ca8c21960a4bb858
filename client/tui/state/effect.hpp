// What apply() wants done in the world. The app does it, and what comes of it returns as an Event.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "client/tui/state/entry.hpp"
#include "proto/messages/stream.hpp"
#include "proto/text.hpp"

namespace hubbub::tui {

/// Subscribe to whatever direct conversations there are and will be. Once, since the link keeps it; HearDirectFailed if
/// it didn't come to that.
struct HearDirect {};
/// Join; answered by JoinEnded.
struct OpenRoom {
  RoomName room;
  bool receive = false;  ///< subscribe too: the first time, since the link keeps a subscription over reconnects
};
/// Who is in the room; answered by MembersCame, if the hub tells.
struct AskMembers {
  RoomName room;
  std::uint64_t changes = 0;  ///< that events have told of so far
};
/// Leave, and receive no more of it.
struct CloseRoom {
  RoomName room;
};
/// Messages of one page.
inline constexpr std::uint16_t history_page = 100;
struct AskHistory {
  RoomName room;
  Seq before;  ///< zero: the newest page
  unsigned life = 0;
  std::uint16_t limit = history_page;
  Seq goal = {};        ///< the page is asked for to look at that message; zero: to go on from what is here
  bool thread = false;  ///< in its thread
};
/// Tells the hub that the room is read up to there; answered by CursorSet.
struct SetCursor {
  RoomName room;
  Seq seq;
  unsigned life = 0;
};
/// Find what was said; answered by SearchCame.
struct AskSearch {
  Text words;
};
/// Publish; answered by SayEnded, however long it takes.
struct Say {
  RoomName room;
  proto::Kind kind = proto::Kind::text;
  std::string body;
  EntryId id;
  std::optional<link::Reply> reply = std::nullopt;
};
/// Publish that notice about an earlier message; Refused if it isn't taken.
struct Amend {
  RoomName room;
  link::Amendment amendment;
  std::string body;
};
/// Have a message erased; Refused if it isn't.
struct Redact {
  RoomName room;
  Seq seq;
  Topic reason;
};
/// What is pinned; answered by PinsCame.
struct AskPins {
  RoomName room;
};
struct SetTopic {
  RoomName room;
  Topic topic;
};
struct AskTopic {
  RoomName room;
};
struct SetAway {
  AwayText text;
};
struct Rename {
  PersonName to;
};
struct AskWho {
  std::string person;  ///< empty: everybody
};
struct AskRooms {
  Pattern pattern;
  bool quiet = false;  ///< only to know them
};
struct TellTyping {
  RoomName room;
  bool on = true;
};
/// Have the hub say it later: at that time, or (zero) after that delay. Answered by LaterAnswered, as are the next two.
struct SayLater {
  RoomName room;
  std::string body;
  WallTime at;
  std::uint64_t delay_ms = 0;
};
/// What is still to be said.
struct AskLater {
  RoomName room;  ///< where that is shown
};
struct CancelLater {
  RoomName room;  ///< the same
  LaterId id;
};
/// Answered by ServiceCalled.
struct CallService {
  RoomName room;  ///< where that is shown
  MethodName method;
  std::string words;  ///< k=v, or a JSON object
};
/// Run /bin/sh -c with it; answered by an ExecLine for each line that it writes, and by ExecEnded.
struct Execute {
  std::string command;
};
/// End what Execute runs.
struct EndExecution {};
struct Ring {};     ///< the terminal's bell
struct Repaint {};  ///< everything anew, whatever the terminal shows by now
struct Suspend {};
struct Quit {};

using Effect =
    std::variant<HearDirect, OpenRoom, AskMembers, CloseRoom, AskHistory, AskSearch, SetCursor, Say, SetTopic, AskTopic,
                 SetAway, Rename, AskWho, AskRooms, TellTyping, SayLater, AskLater, CancelLater, CallService, Execute,
                 EndExecution, Ring, Repaint, Suspend, Quit, Amend, Redact, AskPins>;

}  // namespace hubbub::tui
