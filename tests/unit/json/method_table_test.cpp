#include "client/json/method_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::json {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

/// What `words` become for the method, or why not.
Result<std::string> encode(std::string_view method, const std::vector<std::string>& words) {
  const auto arguments = arguments_from_words(words);
  if (!arguments) return tl::unexpected(arguments.error());
  return find_method(method)->encode(*arguments);
}

std::string refusal(std::string_view method, const std::vector<std::string>& words) {
  const auto encoded = encode(method, words);
  return encoded ? "it was taken" : encoded.error().sentence;
}

template <class Method>
Method decoded(std::string_view bytes) {
  return proto::decode_value<Method>(bytes).value();
}

TEST(Words, AreTextOrWithAColonAnyJson) {
  EXPECT_EQ(json_from_words("a=1 b:=1 c:=[1,2] d=x=y"), R"({"a":"1","b":1,"c":[1,2],"d":"x=y"})");
  EXPECT_EQ(json_from_words("a=\"two words\"  b="), R"({"a":"two words","b":""})");
  EXPECT_EQ(json_from_words(R"({"a": [1, 2]})"), R"({"a":[1,2]})");
  EXPECT_EQ(json_from_words(""), "{}");
  for (const auto* wrong : {"a", "=1", "a:=", "a:=x", "a=\"b", "{", "{} x"})
    EXPECT_FALSE(json_from_words(wrong)) << wrong;
}

TEST(MethodTable, HasEveryMethodOfTheProtocol) {
  EXPECT_EQ(method_table().size(), std::tuple_size_v<proto::Methods>);
  EXPECT_NE(find_method("room.join"), nullptr);
  EXPECT_EQ(find_method("room.jion"), nullptr);
}

TEST(MethodTable, KnowsWhichArgumentsAreNeeded) {
  EXPECT_EQ(find_method("room.history")->usage(), "room=ROOM [before=NUMBER] [limit=NUMBER]");
  EXPECT_EQ(find_method("people.rename")->usage(), "to=NAME");
  EXPECT_EQ(find_method("hub.ping")->usage(), "");
}

TEST(MethodTable, ReadsWords) {
  const auto post = decoded<proto::RoomPost>(
      *encode("room.post", {"room=ops", "kind=notice", "retain=true", "body=a=b", R"(headers={"k":"v"})"}));
  EXPECT_EQ(post.room.str(), "ops");
  EXPECT_EQ(post.kind, proto::Kind::notice);
  EXPECT_TRUE(post.retain);
  EXPECT_EQ(post.body.bytes, "a=b");
  EXPECT_EQ(post.headers.list.at(0), (proto::Header{"k", "v"}));
}

TEST(MethodTable, ReadsJson) {
  const auto post = decoded<proto::RoomPost>(
      *encode("room.post", {R"({"room":"ops","kind":"data","body":{"base64":"/w=="},"retain":false})"}));
  EXPECT_EQ(post.kind, proto::Kind::data);
  EXPECT_EQ(post.body.bytes, "\xff");
  const auto history =
      decoded<proto::RoomHistory>(*encode("room.history", {R"({"room":"ops","before":12,"limit":5})"}));
  EXPECT_EQ(history.before, Seq{12});
  EXPECT_EQ(history.limit, 5);
}

TEST(MethodTable, LeavesDefaultsAlone) {
  EXPECT_EQ(decoded<proto::RoomList>(*encode("room.list", {})).pattern.str(), ">");
}

TEST(MethodTable, SaysWhatIsMissingOrTooMuch) {
  EXPECT_THAT(refusal("room.join", {}), HasSubstr("room is missing"));
  EXPECT_THAT(refusal("room.history", {"room=ops", "limt=3"}),
              HasSubstr("no argument 'limt'; there are: room, before, limit"));
  EXPECT_THAT(refusal("hub.ping", {"x=1"}), HasSubstr("there are: no arguments at all"));
}

TEST(MethodTable, SaysWhatIsWrongWithAValue) {
  EXPECT_THAT(refusal("room.join", {"room=Bad Room"}), HasSubstr("room: 'Bad Room' is not a room"));
  EXPECT_THAT(refusal("room.history", {"room=ops", "limit=70000"}), HasSubstr("from 0 to 65535"));
  EXPECT_THAT(refusal("room.history", {"room=ops", "limit=-1"}), HasSubstr("whole number"));
  EXPECT_THAT(refusal("room.post", {"room=ops", "kind=shout"}), HasSubstr("one of text, action, notice, data"));
  EXPECT_THAT(refusal("room.post", {"room=ops", "retain=maybe"}), HasSubstr("true or false"));
  EXPECT_THAT(refusal("room.post", {R"({"room":"ops","body":{"base64":"*"}})"}), HasSubstr("base64"));
  EXPECT_THAT(refusal("room.post", {R"({"room":"ops","headers":{"k":1}})"}), HasSubstr("not a text"));
  EXPECT_THAT(refusal("room.join", {"room"}), HasSubstr("not NAME=VALUE"));
  EXPECT_THAT(refusal("room.join", {"{broken"}), HasSubstr("well-formed JSON"));
}

TEST(MethodTable, ShowsReplies) {
  proto::RoomJoin::Reply reply;
  reply.id = RoomId{3};
  reply.topic = Topic::literal("on call: bob");
  reply.last = Seq{9};
  std::string bytes;
  proto::encode_value(reply, bytes);
  EXPECT_EQ(find_method("room.join")->decode(bytes, Json{{"room", "ops"}})->dump(),
            R"({"id":3,"topic":"on call: bob","last":9,"read":0})");
}

TEST(MethodTable, ShowsTheMessagesInAReplyAsMessages) {
  proto::Delivery delivery;
  delivery.seq = Seq{4};
  delivery.from = PersonName::literal("bob");
  delivery.body.bytes = "hi";
  proto::RoomNext::Reply reply;
  proto::encode_value(delivery, reply.message.bytes);
  std::string bytes;
  proto::encode_value(reply, bytes);
  const auto json = *find_method("room.next")->decode(bytes, Json{{"room", "ops"}});
  EXPECT_EQ(json["message"]["room"], "ops");
  EXPECT_EQ(json["message"]["seq"], 4);
  EXPECT_EQ(json["message"]["text"], "hi");
}

TEST(MethodTable, SaysSoWhereAReplyIsOfAnotherVersion) {
  EXPECT_EQ(find_method("room.join")->decode("\x01", Json{{"room", "ops"}}).error().status, Status::internal);
}

}  // namespace
}  // namespace hubbub::json
