// The shape of every struct of the wire, as docs/protocol.md writes it, found by walking its serialize().
//   fields_of<Published>()  -->  {"room", "room id"}, {"id", "publish id"}, {"seq", "seq"}
#pragma once

#include <cereal/cereal.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "proto/codec.hpp"
#include "proto/methods.hpp"
#include "tests/support/type_list.hpp"

namespace hubbub::proto {

struct Field {
  std::string name;
  std::string form;
  bool operator==(const Field&) const = default;
};

template <class T>
struct FormOf;  // what docs/protocol.md calls the form of a T

#define HUBBUB_FORM(type, words)                \
  template <>                                   \
  struct FormOf<type> {                         \
    static std::string text() { return words; } \
  }
HUBBUB_FORM(bool, "bool");
HUBBUB_FORM(std::uint8_t, "u8");
HUBBUB_FORM(std::uint16_t, "u16");
HUBBUB_FORM(std::uint32_t, "u32");
HUBBUB_FORM(std::uint64_t, "u64");
HUBBUB_FORM(RoomId, "room id");
HUBBUB_FORM(Seq, "seq");
HUBBUB_FORM(CallId, "call id");
HUBBUB_FORM(LaterId, "later id");
HUBBUB_FORM(PublishId, "publish id");
HUBBUB_FORM(InvocationId, "invocation id");
HUBBUB_FORM(WallTime, "time");
HUBBUB_FORM(ClientId, "16 bytes");
HUBBUB_FORM(OwnerKey, "16 bytes");
HUBBUB_FORM(HubLife, "16 bytes");
HUBBUB_FORM(StoreId, "16 bytes");
HUBBUB_FORM(RoomName, "room name");
HUBBUB_FORM(Pattern, "pattern");
HUBBUB_FORM(PersonName, "person name");
HUBBUB_FORM(GroupName, "group name");
HUBBUB_FORM(MethodName, "method name");
HUBBUB_FORM(Text, "text");
HUBBUB_FORM(Topic, "topic text");
HUBBUB_FORM(AwayText, "away text");
HUBBUB_FORM(Status, "status");
HUBBUB_FORM(CloseReason, "close reason");
HUBBUB_FORM(Kind, "kind");
HUBBUB_FORM(Presence, "presence");
HUBBUB_FORM(EventKind, "event kind");
HUBBUB_FORM(From, "from");
HUBBUB_FORM(Durability, "durability");
HUBBUB_FORM(Refusal, "refusal");
HUBBUB_FORM(Once, "once");
HUBBUB_FORM(Verdict, "verdict");
HUBBUB_FORM(GroupInfo, "GroupInfo");
HUBBUB_FORM(LaterMessage, "LaterMessage");
HUBBUB_FORM(Headers, "headers");
HUBBUB_FORM(Blob, "blob");
HUBBUB_FORM(Rest, "rest");
HUBBUB_FORM(Person, "Person");
HUBBUB_FORM(RoomInfo, "RoomInfo");
HUBBUB_FORM(MethodInfo, "MethodInfo");
HUBBUB_FORM(CursorInfo, "CursorInfo");
HUBBUB_FORM(LagInfo, "LagInfo");
HUBBUB_FORM(SearchHit, "SearchHit");
HUBBUB_FORM(ServiceMethod, "ServiceMethod");
HUBBUB_FORM(ServiceProvider, "ServiceProvider");
HUBBUB_FORM(ServiceAnswer, "ServiceAnswer");
#undef HUBBUB_FORM

template <class T>
struct FormOf<std::vector<T>> {
  static std::string text() { return "list of " + FormOf<T>::text(); }
};

class FieldLister {
 public:
  template <class... Fields>
  void operator()(Fields&&... fields) {
    (add(fields), ...);
  }
  std::vector<Field> found;

 private:
  template <class T>
  void add(cereal::NameValuePair<T>& field) {
    found.push_back({field.name, FormOf<std::decay_t<T>>::text()});
  }
  void add(char&) {  // the magic of a Hello, the only thing without a name
    if (found.empty()) found.push_back({"magic", "6 bytes"});
  }
};

template <class T>
std::vector<Field> fields_of() {
  T value{};
  FieldLister lister;
  value.serialize(lister);
  return lister.found;
}

template <class Message>
constexpr std::string_view name_of_message();
#define HUBBUB_NAME(message)                              \
  template <>                                             \
  constexpr std::string_view name_of_message<message>() { \
    return #message;                                      \
  }
HUBBUB_NAME(Hello)
HUBBUB_NAME(Goodbye)
HUBBUB_NAME(Ping)
HUBBUB_NAME(Pong)
HUBBUB_NAME(Publish)
HUBBUB_NAME(Settle)
HUBBUB_NAME(Call)
HUBBUB_NAME(Cancel)
HUBBUB_NAME(Welcome)
HUBBUB_NAME(Closing)
HUBBUB_NAME(Published)
HUBBUB_NAME(PublishRefused)
HUBBUB_NAME(Delivery)
HUBBUB_NAME(Attached)
HUBBUB_NAME(Detached)
HUBBUB_NAME(Lost)
HUBBUB_NAME(Retained)
HUBBUB_NAME(Handed)
HUBBUB_NAME(Reply)
HUBBUB_NAME(Event)
HUBBUB_NAME(Invoke)
HUBBUB_NAME(Revoke)
HUBBUB_NAME(Outcome)
#undef HUBBUB_NAME

}  // namespace hubbub::proto
