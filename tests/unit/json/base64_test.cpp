#include "client/json/base64.hpp"

#include <gtest/gtest.h>

namespace hubbub::json {
namespace {

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, GivesBackAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatIsNoBase64) {
  for (const auto* text : {"Z", "Zg=", "Zg", "Z===", "Zg==Zg==", "Zm9v\n", "Zm9*"})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace hubbub::json
