// The table of methods. To add one: its struct in proto/methods/, one line here, one handler in the hub
// (a missing handler doesn't compile). `hubbub call`, its completion and `hub.methods` follow by themselves.
#pragma once

#include <string_view>
#include <tuple>

#include "proto/methods/cursors.hpp"
#include "proto/methods/groups.hpp"
#include "proto/methods/hub.hpp"
#include "proto/methods/later.hpp"
#include "proto/methods/messages.hpp"
#include "proto/methods/people.hpp"
#include "proto/methods/producers.hpp"
#include "proto/methods/rooms.hpp"
#include "proto/methods/search.hpp"
#include "proto/methods/services.hpp"

namespace hubbub::proto {

using Methods =
    std::tuple<RoomOpen, RoomJoin, RoomLeave, RoomPost, RoomSubscribe, RoomUnsubscribe, RoomHistory, RoomNext,
               RoomTrace, RoomTopic, RoomSetTopic, RoomMembers, RoomList, RoomSearch, RoomLag, RoomRedact, RoomPins,
               CursorSet, CursorList, CursorForget, GroupList, GroupForget, LaterPost, LaterList, LaterCancel,
               SessionWill, ProducerRegister, PeopleWho, PeopleAway, PeopleRename, PeopleTyping, HubPing, HubInfo,
               HubMethods, HubDump, ServiceOffer, ServiceWithdraw, ServiceList>;

/// True if `method`, or a service of that name, is of the hub: its first token is that of one of the hub's methods, or
/// it has no other.
constexpr bool is_of_hub(std::string_view method) {
  const auto begins_like = [family = method.substr(0, method.find('.'))](std::string_view name) {
    return name.substr(0, name.find('.')) == family;
  };
  return [&]<class... Each>(const std::tuple<Each...>*) {
    return (begins_like(Each::name) || ...);
  }(static_cast<const Methods*>(nullptr));
}

/// True if `method` can be that of a service: `image.scale`.
constexpr bool is_of_service(std::string_view method) {
  return method.find('.') != std::string_view::npos && !is_of_hub(method);
}

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
