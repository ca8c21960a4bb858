// How much of a room's past is asked for at once.
#include "client/link/history_window.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hubbub::link {
namespace {

proto::RoomHistory::Reply page_of(std::size_t messages, std::size_t bytes) {
  proto::RoomHistory::Reply page;
  for (std::size_t i = 0; i < messages; ++i) page.messages.push_back({std::string(bytes, 'x')});
  return page;
}

TEST(HistoryWindow, AsksForAsManyAsAPageHasHeldOnceItLeftSomeOut) {
  HistoryWindow window;
  EXPECT_EQ(window.messages(), limits::history_page_messages_max);
  const auto large = page_of(9, 100'000);
  window.left_some_out(large);
  EXPECT_EQ(window.messages(), 9u);
  window.held_all(large);
  EXPECT_EQ(window.messages(), 9u) << "so full a page would leave some out again";
  window.left_some_out(page_of(0, 0));
  EXPECT_EQ(window.messages(), 1u) << "one is always asked for";
}

TEST(HistoryWindow, GrowsAgainWithSmallMessages) {
  HistoryWindow window;
  window.left_some_out(page_of(1, 900'000));
  std::uint64_t pages = 0;
  for (; window.messages() < limits::history_page_messages_max; ++pages)
    window.held_all(page_of(static_cast<std::size_t>(window.messages()), 100));
  EXPECT_EQ(pages, 9u) << "twice as many each time";
  window.held_all(page_of(512, 100));
  EXPECT_EQ(window.messages(), limits::history_page_messages_max);
}

}  // namespace
}  // namespace hubbub::link
