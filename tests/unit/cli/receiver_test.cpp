#include "client/cli/receiver.hpp"

#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

TEST(ConnectionNotes, TellOfALossOnceHoweverManyTriesFail) {
  ConnectionNotes notes;
  link::Online online;
  testing::internal::CaptureStderr();
  notes.take(online);
  online.resumed = true;
  for (const auto* why : {"gone", "gone for good"}) {
    for (int tries = 0; tries < 3; ++tries) notes.take(link::Offline{{Status::unavailable, why}});
    notes.take(online);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "hubbub: connection lost: gone; trying again\nhubbub: connected again\n"
            "hubbub: connection lost: gone for good; trying again\nhubbub: connected again\n");
}

}  // namespace
}  // namespace hubbub::cli
