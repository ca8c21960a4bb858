#include "client/link/hub_key.hpp"

#include <gtest/gtest.h>

#include <set>

namespace hubbub::link {
namespace {

std::string key(std::string_view url) { return hub_key(Address::parse(url).value()); }

TEST(HubKey, ReadsAsTheAddressWhereThatIsPlain) {
  EXPECT_EQ(key("tcp://127.0.0.1"), "127.0.0.1-4848");
  EXPECT_EQ(key("chat.example.org:99"), "chat.example.org-99");
}

TEST(HubKey, EscapesWhatAFileNameShouldNotHave) {
  EXPECT_EQ(key("unix:///run/Hub one.sock"), "_2frun_2f_48ub_20one.sock");
  EXPECT_EQ(key("[::1]:4848"), "_3a_3a1-4848");
}

TEST(HubKey, IsTheSameForAHostInUpperCase) { EXPECT_EQ(key("LocalHost:1"), key("localhost:1")); }

TEST(HubKey, IsAnotherOneForEveryOtherAddress) {
  const std::string deep(90, 'd');
  const std::set<std::string> keys = {key("a-1:2"),
                                      key("a:12"),
                                      key("a_1:2"),
                                      key("/a_2f"),
                                      key("/a/"),
                                      key("/a_"),
                                      key("/A"),
                                      key("/a"),
                                      key("/a-1"),
                                      key("/" + deep + "x"),
                                      key("/" + deep + "y"),
                                      key(deep + ":1"),
                                      key(deep + ":2")};
  EXPECT_EQ(keys.size(), 13U);
}

TEST(HubKey, StaysShort) {
  const auto long_key = key("/" + std::string(100, '/'));
  EXPECT_EQ(long_key.size(), hub_key_bytes_max);
  EXPECT_EQ(long_key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-"), std::string::npos) << long_key;
}

}  // namespace
}  // namespace hubbub::link
