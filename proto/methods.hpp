// The table of methods. To add one: its struct in proto/methods/, one line here, one handler in the hub
// (a missing handler doesn't compile). `hubbub call`, its completion and `hub.methods` follow by themselves.
#pragma once

#include <tuple>

#include "proto/methods/hub.hpp"
#include "proto/methods/people.hpp"
#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

using Methods = std::tuple<RoomOpen, RoomJoin, RoomLeave, RoomPost, RoomSubscribe, RoomUnsubscribe, RoomHistory,
                           RoomNext, RoomTopic, RoomSetTopic, RoomMembers, RoomList, PeopleWho, PeopleAway,
                           PeopleRename, PeopleTyping, HubPing, HubInfo, HubMethods>;

}  // namespace hubbub::proto
