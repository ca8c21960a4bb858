#include "client/cli/board_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace hubbub::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t minute = 60'000'000'000;
constexpr WallTime now{1'700'000'000'000'000'000};

template <std::size_t Size>
void put(char (&into)[Size], const char* text) {
  std::snprintf(into, Size, "%s", text);
}

hubbub_person a_person(const char* name, std::uint32_t presence, const char* away = "") {
  hubbub_person person{};
  put(person.name, name);
  put(person.away, away);
  person.presence = presence;
  person.verified = 1;
  person.idle_since = now.ns - 5 * minute;
  return person;
}

hubbub_room a_room(const char* name, std::uint32_t unread, std::uint32_t mentions) {
  hubbub_room room{};
  put(room.name, name);
  room.direct = name[0] == '@' ? 1 : 0;
  room.unread = unread;
  room.mentions = mentions;
  room.last = 42;
  return room;
}

BoardState a_state() {
  BoardState state;
  state.agent_pid = 4711;
  state.summary.connection = 2;
  state.summary.unread = 5;
  state.summary.mentions = 3;
  put(state.summary.hub, "tcp://127.0.0.1:4848");
  put(state.summary.own_name, "carol");
  state.people = {a_person("alice", 2, "lunch"), a_person("bob", 0), a_person("dora", 1)};
  state.people[2].verified = 0;
  state.rooms = {a_room("@alice", 2, 2), a_room("lobby", 0, 0), a_room("ops", 3, 1)};
  return state;
}

BoardState quiet_state() {
  auto state = a_state();
  state.summary.unread = state.summary.mentions = 0;
  state.rooms.clear();
  return state;
}

TEST(BoardTable, ShowsWhereSomethingIsUnreadAndWhoIsHere) {
  EXPECT_EQ(board_table(a_state(), now, false),
            "online at tcp://127.0.0.1:4848 as carol; 5 unread, 3 mentions\n"
            "\n"
            "ROOM    UNREAD  MENTIONS\n"
            "@alice  2       2\n"
            "#ops    3       1\n"
            "\n"
            "NAME   STATUS  IDLE  AWAY\n"
            "alice  away    5m    lunch\n"
            "~dora  online  5m\n");
}

TEST(BoardTable, ShowsAllOfWhatWasAskedFor) {
  EXPECT_THAT(board_table(a_state(), now, true), HasSubstr("#lobby  0"));
  EXPECT_THAT(board_table(a_state(), now, true), HasSubstr("bob    offline  -\n"));
}

TEST(BoardTable, IsOneLineWhereNothingIsThere) {
  BoardState state;
  state.summary.connection = 1;
  EXPECT_EQ(board_table(state, now, false), "connecting\n");
  put(state.summary.hub, "tcp://a:1");
  EXPECT_EQ(board_table(state, now, false), "connecting, of tcp://a:1\n");
  state.summary.connection = 77;
  EXPECT_THAT(board_table(state, now, false), HasSubstr("unknown"));
}

TEST(BoardTable, SaysWhatDoesNotFit) {
  auto state = quiet_state();
  state.summary.people_left_out = 2;
  EXPECT_THAT(board_table(state, now, false), HasSubstr("\n2 people more than fit on the board\n"));
  state.summary.rooms_left_out = 1;
  EXPECT_THAT(board_table(state, now, false), HasSubstr("\n1 room and 2 people more than fit on the board\n"));
}

TEST(BoardView, MakesHostileTextHarmless) {
  auto state = a_state();
  state.people = {a_person("e\x1b[2Jve", 2, "\x1b]0;x\x07 <b>&</b> #[fg=red]")};
  state.rooms = {a_room("o\x1bps\xff", 1, 0)};
  put(state.summary.hub, "\x1b[31m");
  for (const auto& text : {board_table(state, now, true), board_json(state), board_waybar(state), board_tmux(state)}) {
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
  }
}

TEST(BoardJson, HasAllOfIt) {
  const auto text = board_json(a_state());
  EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line";
  const auto object = json::parse(text);
  EXPECT_EQ(object.at("connection"), "online");
  EXPECT_EQ(object.at("hub"), "tcp://127.0.0.1:4848");
  EXPECT_EQ(object.at("name"), "carol");
  EXPECT_EQ(object.at("agent").at("pid"), 4711);
  EXPECT_EQ(object.at("unread"), 5);
  EXPECT_EQ(object.at("mentions"), 3);
  EXPECT_EQ(object.at("rooms").size(), 3U);
  EXPECT_EQ(object.at("rooms")[0], json::parse(R"({"room":"@alice","direct":true,"unread":2,"mentions":2,"last":42})"));
  EXPECT_EQ(object.at("people")[0], json::parse(R"({"name":"alice","verified":true,"presence":"away","away":"lunch",
                                                   "idle_since":"2023-11-14T22:08:20.000000000Z"})"));
}

TEST(BoardWaybar, HasWhatACustomModuleTakes) {
  const auto object = json::parse(board_waybar(a_state()));
  EXPECT_EQ(object.at("text"), "5");
  EXPECT_EQ(object.at("class"), "mention");
  EXPECT_EQ(object.at("alt"), "mention");
  EXPECT_EQ(object.at("tooltip"),
            "online at tcp://127.0.0.1:4848 as carol; 5 unread, 3 mentions\n@alice: 2 unread, 2 mentions\n"
            "#ops: 3 unread, 1 mention\nalice is away\n~dora is online");
}

TEST(BoardWaybar, HidesWhereNothingIsUnread) {
  const auto object = json::parse(board_waybar(quiet_state()));
  EXPECT_EQ(object.at("text"), "");
  EXPECT_EQ(object.at("class"), "read");
}

TEST(BoardWaybar, TellsStatesApart) {
  auto state = a_state();
  state.summary.mentions = 0;
  EXPECT_EQ(json::parse(board_waybar(state)).at("class"), "unread");
  state.summary.connection = 0;
  EXPECT_EQ(json::parse(board_waybar(state)).at("class"), "offline");
  EXPECT_EQ(json::parse(board_waybar(state)).at("text"), "5") << "what was unread before still is";
  EXPECT_EQ(json::parse(board_waybar_gone("no agent is running")),
            json::parse(R"({"text":"","tooltip":"no agent is running","class":"gone","alt":"gone"})"));
}

TEST(BoardWaybar, EscapesMarkup) {
  auto state = quiet_state();
  put(state.summary.hub, "<a&b>");
  EXPECT_THAT(board_waybar(state), HasSubstr("&lt;a&amp;b&gt;"));
}

TEST(BoardTmux, IsShort) {
  EXPECT_EQ(board_tmux(a_state()), "5 unread, 3 mentions\n");
  EXPECT_EQ(board_tmux(quiet_state()), "\n");
  auto state = quiet_state();
  state.summary.connection = 0;
  EXPECT_EQ(board_tmux(state), "offline\n");
  state.summary.unread = state.summary.mentions = 1;
  EXPECT_EQ(board_tmux(state), "offline, 1 unread, 1 mention\n");
}

TEST(BoardOnly, LeavesOneRoomWithItsCounts) {
  const auto ops = only(a_state(), "ops");
  ASSERT_TRUE(ops);
  EXPECT_EQ(ops->rooms.size(), 1U);
  EXPECT_TRUE(ops->people.empty());
  EXPECT_EQ(board_tmux(*ops), "3 unread, 1 mention\n");
}

TEST(BoardOnly, LeavesOnePersonAndTheConversationWithHer) {
  const auto alice = only(a_state(), "@alice");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->people.size(), 1U);
  EXPECT_EQ(board_tmux(*alice), "2 unread, 2 mentions\n");
  const auto bob = only(a_state(), "@bob");
  ASSERT_TRUE(bob) << "with whom there is no conversation";
  EXPECT_THAT(board_table(*bob, now, true), HasSubstr("bob   offline"));
  EXPECT_FALSE(only(a_state(), "nowhere"));
  EXPECT_FALSE(only(a_state(), "@nobody"));
  EXPECT_FALSE(only(a_state(), "alice"));
}

}  // namespace
}  // namespace hubbub::cli
