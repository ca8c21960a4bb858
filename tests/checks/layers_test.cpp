#include "tests/checks/layers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/checks/tree.hpp"

namespace hubbub::checks {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Findings findings_in(std::string path, std::string text) { return wrong_includes({std::move(path), std::move(text)}); }

TEST(Layers, EveryFileIncludesOnlyWhatItsLayerMay) {
  const auto sources = read_sources(HUBBUB_SOURCE_DIR, {"proto", "common", "server", "client"});
  ASSERT_GT(sources.size(), 20u);
  for (const auto& source : sources) {
    for (const auto& finding : wrong_includes(source)) ADD_FAILURE() << finding;
  }
}

TEST(Layers, ServerAndClientNeverIncludeEachOther) {
  EXPECT_THAT(findings_in("server/rooms/room.cpp", "#include \"client/link/link.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(findings_in("client/link/link.cpp", "#include \"server/limits.hpp\"\n"), SizeIs(1));
}

TEST(Layers, NothingIncludesUpwards) {
  EXPECT_THAT(findings_in("proto/frame.hpp", "#include \"common/stream.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(findings_in("common/stream.cpp", "#include \"server/limits.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(findings_in("client/link/link.cpp", "#include \"client/cli/main.hpp\"\n"), SizeIs(1));
}

TEST(Layers, TheShellCommandsKnowOnlyTheEntryOfTheTerminalClient) {
  EXPECT_THAT(findings_in("client/cli/main.cpp", "#include \"client/tui/tui.hpp\"\n"), IsEmpty());
  EXPECT_THAT(findings_in("client/cli/main.cpp", "#include \"client/tui/screen.hpp\"\n"), SizeIs(1));
}

TEST(Layers, TheLaboratoryKnowsNothingOfHubsAndCommands) {
  EXPECT_THAT(findings_in("client/cli/ipc.cpp", "#include \"client/cli/ipc/chart.hpp\"\n"), IsEmpty());
  EXPECT_THAT(findings_in("client/cli/ipc/pipe.cpp", "#include \"common/descriptor.hpp\"\n"), IsEmpty());
  EXPECT_THAT(findings_in("client/cli/ipc/pipe.cpp", "#include \"client/cli/shell.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(findings_in("client/cli/ipc/pipe.cpp", "#include \"client/link/link.hpp\"\n"), SizeIs(1));
}

TEST(Layers, AnIncludeIsNamedFromTheTop) {
  EXPECT_THAT(findings_in("server/rooms/room.cpp", "#include \"room.hpp\"\n"), SizeIs(1));
  EXPECT_THAT(findings_in("server/rooms/room.cpp", "#include \"../limits.hpp\"\n"), SizeIs(1));
}

TEST(Layers, AsioAndNcursesHaveOneDoorEach) {
  EXPECT_THAT(findings_in("server/net/doorkeeper.cpp", "#include <asio/post.hpp>\n"), SizeIs(1));
  EXPECT_THAT(findings_in("common/asio.hpp", "#include <asio/post.hpp>\n"), IsEmpty());
  EXPECT_THAT(findings_in("client/tui/draw/rooms.cpp", "#include <ncurses.h>\n"), SizeIs(1));
  EXPECT_THAT(findings_in("client/tui/terminal/paint.cpp", "#include <ncurses.h>\n"), IsEmpty());
}

TEST(Layers, ProtoAsksTheSystemForNothing) {
  EXPECT_THAT(findings_in("proto/ids.hpp", "#include <compare>\n#include <tl/expected.hpp>\n"), IsEmpty());
  EXPECT_THAT(findings_in("proto/ids.hpp", "#include <sys/socket.h>\n#include <unistd.h>\n#include <fmt/core.h>\n"),
              SizeIs(3));
}

TEST(Layers, AFindingNamesFileLineAndHeader) {
  const auto findings = findings_in("proto/ids.hpp", "#pragma once\n#  include <unistd.h>\n");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].path, "proto/ids.hpp");
  EXPECT_EQ(findings[0].line, 2u);
  EXPECT_THAT(findings[0].sentence, HasSubstr("<unistd.h>"));
}

}  // namespace
}  // namespace hubbub::checks
