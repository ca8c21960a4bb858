#include "client/cli/ipc/mechanisms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace hubbub::ipc {
namespace {

TEST(Mechanisms, HaveNamesOfTheirOwnAndASentenceOnWhenToUseThem) {
  std::set<std::string_view> names;
  for (const auto* mechanism : all_mechanisms()) {
    EXPECT_TRUE(names.insert(mechanism->name).second) << mechanism->name;
    EXPECT_THAT(std::string(mechanism->when), testing::EndsWith(".")) << mechanism->name;
    EXPECT_FALSE(mechanism->in_hubbub.ends_with('.')) << mechanism->name;
    EXPECT_GE(mechanism->message_bytes_max, message_bytes_min) << mechanism->name;
  }
}

TEST(Mechanisms, AreFoundByName) {
  for (const auto* mechanism : all_mechanisms()) EXPECT_EQ(find_mechanism(mechanism->name), mechanism);
}

TEST(Mechanisms, AreNamedToWhoeverAsksForAnother) {
  const auto found = find_mechanism("pigeon");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().sentence,
            "'pigeon' is not one of pipe, fifo, unix, datagram, tcp, queue, spin, futex, signal");
}

}  // namespace
}  // namespace hubbub::ipc
