#include "client/cli/marking.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What `hubbub pub` with these values makes of a message with these headers.
Result<link::Outgoing> marked(std::vector<std::pair<std::string, std::string>> values, proto::Headers headers = {}) {
  Marking marking;
  Syntax syntax;
  marking.declare(syntax);
  for (const auto& [name, value] : values)
    if (auto taken = syntax.find_option(name)->take(value); !taken) return tl::unexpected(taken.error());
  link::Outgoing message;
  message.headers = std::move(headers);
  if (auto put = marking.put(message); !put) return tl::unexpected(put.error());
  return message;
}

std::string refusal(std::vector<std::pair<std::string, std::string>> values, proto::Headers headers = {}) {
  const auto message = marked(std::move(values), std::move(headers));
  return message ? "taken" : message.error().sentence;
}

TEST(Marking, PutsTimeAndKeyIntoHeaders) {
  EXPECT_THAT(marked({{"--ttl", "10m"}, {"--key", "main"}})->headers.list,
              ElementsAre(proto::Header{"ttl", "600000"}, proto::Header{"key", "main"}));
  EXPECT_THAT(marked({})->headers.list, ElementsAre());
}

TEST(Marking, RefusesWhatMeansNothing) {
  EXPECT_THAT(refusal({{"--ttl", "0s"}}), HasSubstr("a millisecond at least"));
  EXPECT_THAT(refusal({{"--ttl", "soon"}}), HasSubstr("soon"));
  EXPECT_THAT(refusal({{"--key", ""}}), HasSubstr("names no message"));
  EXPECT_THAT(refusal({{"--key", "\xff"}}), HasSubstr("UTF-8"));
}

TEST(Marking, RefusesWhatIsSaidTwice) {
  EXPECT_THAT(refusal({{"--ttl", "1s"}}, {{{"ttl", "5"}}}), HasSubstr("--ttl and --header ttl=… exclude each other"));
  EXPECT_THAT(refusal({{"--key", "a"}}, {{{"key", "a"}}}), HasSubstr("--key and --header key=… exclude each other"));
}

TEST(Marking, LooksAtMarksThatWereTypedAsHeaders) {
  EXPECT_EQ(refusal({}, {{{"ttl", "5"}}}), "taken");
  EXPECT_THAT(refusal({}, {{{"ttl", "soon"}}}), HasSubstr("says nothing that it can mean"));
}

}  // namespace
}  // namespace hubbub::cli
