// One handler for each kind of event; apply() is a visit over them.
#pragma once

#include "client/tui/apply/event.hpp"
#include "client/tui/state/state.hpp"

namespace hubbub::tui {

// from_link.cpp
void on(State& state, const link::Message& message);
void on(State& state, const link::Gap& gap);
void on(State& state, const link::RoomAttached& attached);
inline void on(State&, const link::NotResumed&) {}  // every room is opened again, which tells the same
void on(State& state, const link::Online& online);
void on(State& state, const link::Offline& offline);
void on(State& state, const link::Closed& closed);

// presence.cpp
void on(State& state, const link::Presence& presence);

// answers.cpp
void on(State& state, const HearDirectFailed& failed);
void on(State& state, const JoinEnded& ended);
void on(State& state, const MembersCame& came);
void on(State& state, const HistoryCame& came);
void on(State& state, const PinsCame& came);
void on(State& state, const CursorSet& set);
void on(State& state, const SearchCame& came);
void on(State& state, const SayEnded& ended);
void on(State& state, const TopicCame& came);
void on(State& state, const WhoCame& came);
void on(State& state, const RoomsCame& came);
void on(State& state, const Refused& refused);
void on(State& state, const Renamed& renamed);
void on(State& state, const AwaySet& set);
void on(State& state, const LaterAnswered& answered);
void on(State& state, const ServiceCalled& called);

// executing.cpp
void on(State& state, const ExecLine& line);
void on(State& state, const ExecEnded& ended);

/// A message as it is shown, without a place in a room.
Entry entry_of(const link::Message& message);
/// A message into a room's entries, live or from history.
Entry entry_of(State& state, const Room& room, const link::Message& message);

}  // namespace hubbub::tui
