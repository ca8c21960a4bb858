// The table of methods. To add one: its struct in proto/methods/, one line here, one handler in the hub
// (a missing handler doesn't compile). `hubbub call`, its completion and `hub.methods` follow by themselves.
#pragma once

#include <string_view>
#include <tuple>

#include "proto/methods/cursors.hpp"
#include "proto/methods/hub.hpp"
#include "proto/methods/people.hpp"
#include "proto/methods/producers.hpp"
#include "proto/methods/rooms.hpp"
#include "proto/methods/search.hpp"

namespace hubbub::proto {

using Methods = std::tuple<RoomOpen, RoomJoin, RoomLeave, RoomPost, RoomSubscribe, RoomUnsubscribe, RoomHistory,
                           RoomNext, RoomTrace, RoomTopic, RoomSetTopic, RoomMembers, RoomList, RoomSearch, RoomLag,
                           CursorSet, CursorList, CursorForget, ProducerRegister, PeopleWho, PeopleAway, PeopleRename,
                           PeopleTyping, HubPing, HubInfo, HubMethods, HubDump>;

/// True for methods whose reply may be as large as a frame.
constexpr bool has_large_reply(std::string_view method) {
  const auto is_it = [method]<class Method>(const Method*) {
    if constexpr (requires { Method::large_reply; }) return method == Method::name;
    return false;
  };
  return [&]<class... Each>(const std::tuple<Each...>*) {
    return (is_it(static_cast<const Each*>(nullptr)) || ...);
  }(static_cast<const Methods*>(nullptr));
}

}  // namespace hubbub::proto
