#include "proto/archive.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "proto/codec.hpp"
#include "proto/methods.hpp"
#include "tests/unit/proto/largest_allocation.hpp"
#include "tests/unit/proto/random_values.hpp"

namespace hubbub::proto {
namespace {

template <class T>
std::string written(const T& value) {
  std::string out;
  encode_value(value, out);
  return out;
}

TEST(WireOutput, WritesIntegersLittleEndianAndAsWideAsTheyAre) {
  EXPECT_EQ(written(std::uint8_t{0x12}), "\x12");
  EXPECT_EQ(written(std::uint16_t{0x1234}), "\x34\x12");
  EXPECT_EQ(written(std::uint32_t{0x12345678}), "\x78\x56\x34\x12");
  EXPECT_EQ(written(std::uint64_t{0x0102030405060708}), "\x08\x07\x06\x05\x04\x03\x02\x01");
  EXPECT_EQ(written(Seq{7}), std::string("\7\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(written(RoomId{7}), std::string("\7\0\0\0", 4));
}

TEST(WireOutput, WritesBoolsAndEnumsAsOneByte) {
  EXPECT_EQ(written(true), "\1");
  EXPECT_EQ(written(false), std::string("\0", 1));
  EXPECT_EQ(written(Kind::notice), "\2");
  EXPECT_EQ(written(Status::unauthenticated), "\x10");
}

TEST(WireOutput, GivesATextOneByteOfSizeWhereThatIsEnoughAndElseTwo) {
  EXPECT_EQ(written(RoomName::literal("ci")), "\2ci");
  EXPECT_EQ(written(GroupName()), std::string("\0", 1));
  EXPECT_EQ(written(Text::literal("hi")), std::string("\2\0hi", 4));
  EXPECT_EQ(written(AwayText::literal("")), std::string("\0\0", 2));
}

TEST(WireOutput, CountsListsAndBlobs) {
  EXPECT_EQ(written(std::vector<Text>{Text::literal("a"), Text::literal("")}), std::string("\2\0\1\0a\0\0", 7));
  EXPECT_EQ(written(Blob{"ab"}), std::string("\2\0\0\0ab", 6));
}

TEST(WireInput, MustEndExactlyWhereTheValueDoes) {
  EXPECT_TRUE(decode_value<std::uint16_t>("ab"));
  EXPECT_FALSE(decode_value<std::uint16_t>("a"));
  EXPECT_FALSE(decode_value<std::uint16_t>("abc"));
  EXPECT_FALSE(decode_value<std::uint16_t>(""));
}

TEST(WireInput, TakesNoBoolButZeroAndOne) {
  EXPECT_EQ(decode_value<bool>("\1"), true);
  EXPECT_EQ(decode_value<bool>(std::string_view("\0", 1)), false);
  EXPECT_FALSE(decode_value<bool>("\2"));
  EXPECT_FALSE(decode_value<bool>("\xff"));
}

TEST(WireInput, TakesAnEnumItHasNoNameFor) {
  const auto kind = decode_value<Kind>("\x63");
  ASSERT_TRUE(kind);
  EXPECT_FALSE(is_known(*kind));
  EXPECT_EQ(name_of(*kind), "unknown");
  EXPECT_EQ(name_of(Kind::action), "action");
}

TEST(WireInput, RefusesATextThatBreaksItsRule) {
  EXPECT_TRUE(decode_value<RoomName>("\2ci"));
  EXPECT_FALSE(decode_value<RoomName>("\2CI"));
  EXPECT_FALSE(decode_value<RoomName>(std::string_view("\0", 1)));
  EXPECT_FALSE(decode_value<RoomName>("\3ci"));
  EXPECT_FALSE(decode_value<Text>(std::string_view("\1\0\xff", 3)));
  const std::string long_topic(513, 'a');
  EXPECT_FALSE(decode_value<Topic>(std::string("\x01\x02", 2) + long_topic));
}

TEST(WireInput, StaysFailedAndYieldsZeros) {
  WireInput in("\7\7\7");
  EXPECT_EQ(in.scalar<std::uint8_t>(), 7);
  EXPECT_EQ(in.scalar<std::uint32_t>(), 0u);
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.scalar<std::uint8_t>(), 0) << "what was left before the failure isn't read after it";
  EXPECT_EQ(in.bytes(1), "");
  EXPECT_EQ(in.rest(), "");
  EXPECT_EQ(in.left(), 0u);
  EXPECT_TRUE(in.failed());
  EXPECT_FALSE(in.complete()) << "an archive that failed at the very end has nothing left and is still not complete";
  Seq seq{5};
  in(seq);
  EXPECT_EQ(seq, Seq{0});
}

TEST(WireInput, SurvivesTheLargestSizes) {
  WireInput in("abc");
  EXPECT_EQ(in.bytes(std::numeric_limits<std::size_t>::max()), "");
  EXPECT_TRUE(in.failed());
}

TEST(WireInput, ReadsTheRestWithoutACopy) {
  const std::string in = "\5\0\0\0\0\0\0\0rest";
  const auto lying = decode_value<Lost>(in);
  EXPECT_FALSE(lying);
  const std::string payload(8, 'x');
  const auto retained = decode_value<Retained>(payload);
  ASSERT_TRUE(retained);
  EXPECT_EQ(retained->delivery.bytes.data(), payload.data());
}

TEST(WireInput, RefusesAListLongerThanAllowedOrThanWhatCame) {
  EXPECT_TRUE(decode_value<std::vector<std::uint8_t>>(std::string("\0\x10", 2) + std::string(4096, 'x')));
  EXPECT_FALSE(decode_value<std::vector<std::uint8_t>>(std::string("\1\x10", 2) + std::string(4097, 'x')));
  EXPECT_FALSE(decode_value<std::vector<std::uint8_t>>(std::string("\5\0", 2) + "xxxx"));
}

TEST(WireInput, AllocatesForNoLengthThatIsOnlyClaimed) {
  const std::string huge_blob(
      "\xff\xff\xff\x7f"
      "abc",
      7);
  const std::string long_list(
      "\x00\x10"
      "\x01\x00"
      "a",
      5);  // 4096 texts, of which one came
  const std::string long_text(
      "\xff\xff"
      "abc",
      5);
  LargestAllocation watch;
  EXPECT_FALSE(decode_value<Blob>(huge_blob));
  EXPECT_FALSE(decode_value<std::vector<Text>>(long_list));
  EXPECT_FALSE(decode_value<std::vector<Blob>>(long_list));
  EXPECT_FALSE(decode_value<Text>(long_text));
  EXPECT_LT(watch.bytes(), 1024u);
}

// ── for every message type and every method's arguments and reply ───────────────────────────────────────────────────

template <class... Methods>
std::tuple<Methods..., typename Methods::Reply...> arguments_and_replies(const std::tuple<Methods...>*);
template <class... Lists>
using Joined = decltype(std::tuple_cat(std::declval<Lists>()...));
template <class... Messages>
std::tuple<Messages...> as_tuple(const std::variant<Messages...>*);

using EveryStruct =
    Joined<decltype(as_tuple(static_cast<ClientMessage*>(nullptr))),
           decltype(as_tuple(static_cast<HubMessage*>(nullptr))),
           decltype(arguments_and_replies(static_cast<Methods*>(nullptr))), std::tuple<ServiceCall, ServiceReply>>;

TEST(EveryStruct, ComesBackAsItWasSent) {
  EachOf<EveryStruct>::call([]<class T>() {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      RandomValues random(seed);
      T value;
      random.fill(value);
      const auto bytes = written(value);
      const auto back = decode_value<T>(bytes);
      ASSERT_TRUE(back) << typeid(T).name() << " with seed " << seed;
      EXPECT_EQ(written(*back), bytes) << typeid(T).name() << " with seed " << seed;
    }
  });
}

template <class T>
constexpr bool ends_in_rest = std::is_same_v<T, Call> || std::is_same_v<T, Reply> || std::is_same_v<T, Publish> ||
                              std::is_same_v<T, Delivery> || std::is_same_v<T, Retained> || std::is_same_v<T, Handed> ||
                              std::is_same_v<T, Invoke> || std::is_same_v<T, Outcome> || std::is_same_v<T, ServiceCall>;

TEST(EveryStruct, IsRefusedWithEvenOneByteTooFewOrTooMany) {
  EachOf<EveryStruct>::call([]<class T>() {
    RandomValues random(7);
    T value;
    random.fill(value);
    const auto bytes = written(value);
    if constexpr (!ends_in_rest<T>) {
      EXPECT_FALSE(decode_value<T>(bytes + '\0')) << typeid(T).name();
      for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_value<T>(std::string_view(bytes).substr(0, size)))
            << typeid(T).name() << " cut at " << size;
    } else {
      for (std::size_t size = 0; size < bytes.size(); ++size)
        (void)decode_value<T>(std::string_view(bytes).substr(0, size));
    }
  });
}

TEST(EveryStruct, GivesAValueOrARefusalForAnyMutation) {
  EachOf<EveryStruct>::call([]<class T>() {
    RandomValues random(11);
    T value;
    random.fill(value);
    const auto bytes = written(value);
    LargestAllocation watch;
    for (int round = 0; round < 500 && !bytes.empty(); ++round) {
      auto changed = bytes;
      for (auto left = 1 + random.below(4); left > 0; --left)
        changed[random.below(changed.size())] = static_cast<char>(random.below(256));
      const auto back = decode_value<T>(changed);
      if (back) {
        EXPECT_EQ(written(*back), changed) << "one value has one form: " << typeid(T).name();
      }
    }
    EXPECT_LT(watch.bytes(), 64 * (bytes.size() + 64)) << typeid(T).name();
  });
}

}  // namespace
}  // namespace hubbub::proto
